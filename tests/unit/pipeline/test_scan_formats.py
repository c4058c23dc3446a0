"""What `-f` and `-o` of `careen scan` mean, as users of Trivy and Grype write them."""

from pathlib import Path

import click
import pytest

from careen.cli.main import VERBS, group
from careen.errors import InputError
from careen.pipeline.findings.scan_outputs import STANDARD_OUTPUT, Output, parse_scan_outputs


@pytest.mark.parametrize(
    ("texts", "chosen", "expected"),
    [
        ([], None, []),
        (["sarif=a.sarif"], None, [Output("sarif", Path("a.sarif"))]),
        ([], "json", [Output("json", STANDARD_OUTPUT)]),
        (["a.json"], "json", [Output("json", Path("a.json"))]),
        (["a=b.json"], "json", [Output("json", Path("a=b.json"))]),
        (["json"], None, [Output("json", STANDARD_OUTPUT)]),
        (["json=-"], None, [Output("json", STANDARD_OUTPUT)]),
        (
            ["sarif=a.sarif"],
            "table",
            [Output("sarif", Path("a.sarif")), Output("table", STANDARD_OUTPUT)],
        ),
    ],
)
def test_where_a_document_goes(
    texts: list[str],
    chosen: str | None,
    expected: list[Output],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse_scan_outputs(texts, chosen) == tuple(expected)


@pytest.mark.parametrize("text", ["pdf", "pdf=x", "json=", "out.json", ""])
def test_a_word_that_is_no_format_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected FORMAT=FILE"):
        parse_scan_outputs([text])


def test_two_documents_on_standard_output_are_refused() -> None:
    with pytest.raises(InputError, match="standard output is named twice"):
        parse_scan_outputs(["json"], "sarif")


@pytest.mark.parametrize(
    ("verb", "old", "new"),
    [("patch", "--plan", "--dry-run"), ("scan", "--report", "--from-report")],
)
def test_an_old_spelling_works_and_no_help_shows_it(verb: str, old: str, new: str) -> None:
    assert verb in VERBS
    command = group.get_command(click.Context(group), verb)
    assert command is not None
    shown = command.get_help(click.Context(command, info_name=verb))
    assert new in shown
    assert old not in shown.replace("--report-dir", "")
    value = [] if verb == "patch" else ["trivy.json"]
    taken = [command.make_context(verb, ["app:1", name, *value]).params for name in (old, new)]
    assert taken[0] == taken[1] != command.make_context(verb, ["app:1"]).params
