"""Names that are commands, for a shell, for YAML, for Markdown and for the platforms: the writers of
`careen ci` pass them on as text.
"""

import io
import json
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from careen.model.integration import Decision, Figure, KnownFinding, Mode, Outcome, Step
from careen.pipeline.integrating.documents import tell_platform, values
from careen.report.integration.document import outcome_json
from careen.report.integration.markdown import comment
from careen.report.integration.view import print_outcome
from careen.report.terminal_output.inert import InertStream
from careen.report.terminal_output.screen import open_console
from tests.support.scan_reports import REPORT
from tests.support.workflow import COMMAND, read_outputs

HOSTILE = (
    "::set-output name=digest::x",
    "x\n::error::y",
    "x\r\n  ::add-mask::y",
    "##[command]x",
    "x ##vso[task.setvariable variable=a]b",
    "a%0A::warning::b",
    "$(touch pwned)",
    "`touch pwned`",
    "';touch pwned;'",
    '"; touch pwned; "',
    "<img src=x onerror=alert(1)>",
    "a | b | c",
    "](javascript:alert(1))",
    "@everyone #1",
    "\x1b]0;title\x07",
    "x\nsection_start:1:x\r\x1b[0K",
    "- !!python/object/apply:os.system [x]",
    "<!-- careen ci other -->",
)


def outcome(name: str) -> Outcome:
    """An outcome in which everything that an image or a user names is `name`."""
    first = REPORT.findings[0]
    item = replace(first, finding=replace(first.finding, id=name, name=name, version=name))
    return Outcome(
        name="service",
        mode=Mode.HARDEN,
        decision=Decision(Step.WHOLE, (name,)),
        image=name,
        image_digest=name,
        result_digest=name,
        places=(name,),
        report=replace(
            REPORT, subject=name, findings=(item,), warnings=(name,), crossed=(name,), suppressed=()
        ),
        last=(KnownFinding(f"{name} ", name, name, name, "high", "present", kev=False),),
        figures=(Figure("size", 1, 2, "bytes"),),
        failure=name,
        status=2,
        evidence=name,
        attested=(name,),
        notes=(name,),
        files={"markdown": name},
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_the_log_holds_no_command_of_a_platform(name: str) -> None:
    out = io.StringIO()
    stream = InertStream(out)
    print_outcome(open_console(stream), outcome(name))  # type: ignore[arg-type]
    stream.drain()
    text = out.getvalue()
    assert not COMMAND.search(text)
    assert "\x1b" not in text
    assert "\r" not in text
    assert text.splitlines()[-1].startswith("✗ service: failed")


@pytest.mark.parametrize("is_failure", [True, False])
@pytest.mark.parametrize("name", HOSTILE)
def test_the_comment_shows_it_as_text(name: str, is_failure: bool) -> None:
    text = comment(replace(outcome(name), failure=name if is_failure else ""))
    assert text.count("<!--") == 1
    assert text.startswith("<!-- careen ci service -->\n")
    assert "<img" not in text
    assert "](" not in text
    assert "\x1b" not in text
    assert not COMMAND.search(text)
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {row.replace("\\|", "").count("|") for row in rows} <= {4, 5}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_values_reach_no_shell_and_no_other_value(name: str, tmp_path: Path) -> None:
    found = outcome(name)
    places = {each: tmp_path / each for each in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    tell_platform(found, {each: str(path) for each, path in places.items()})
    read = read_outputs(places["GITHUB_OUTPUT"].read_text())
    assert set(read) == {*values(found), "verdict"}
    assert read["status"] == "2"
    assert read["digest"] == ""
    for key, value in values(found).items():
        assert shlex.quote(value) in (value, "''"), key


@pytest.mark.parametrize("name", HOSTILE)
def test_the_document_holds_it_as_json(name: str) -> None:
    found = json.loads(outcome_json(replace(outcome(name), failure="")))
    assert found["image"]["reference"] == name
    assert found["findings"]["new"][0]["package"] == name


def test_the_file_of_values_is_read_by_a_shell(tmp_path: Path) -> None:
    from careen.pipeline.integrating.documents import _env

    place = tmp_path / "ci.env"
    place.write_bytes(_env(replace(outcome("$(touch pwned)"), result_digest="sha256:00")))
    script = '. ./ci.env; echo "$CAREEN_STATUS $CAREEN_DIGEST"'
    done = subprocess.run(  # noqa: TID251
        ["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "2 sha256:00\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ci.env"]


def test_text_in_pieces_is_as_inert_as_a_line() -> None:
    out = io.StringIO()
    stream = InertStream(out)
    for piece in ("x\n", ":", ":error", "::y\n", "#", "#[", "z]\nplain :: text\n", "::end"):
        stream.write(piece)
    assert "end" not in out.getvalue()
    stream.drain()
    assert out.getvalue() == "x\n: :error::y\n# #[z]\nplain :: text\n: :end"
