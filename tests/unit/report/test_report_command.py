"""`careen report`: each format goes where it belongs, and nothing half written is left."""

import hashlib
import json
import os
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from careen.cli.verbs.report import command
from careen.errors import InputError, ToolError
from careen.model.runs.trace import Use
from careen.report.finished.pdf import CHROMIUM, report_pdf
from tests.support.finished_run import finished_run
from tests.support.schemas import FOLDER


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return finished_run(tmp_path, {"/a": ("", Use.OPENED)})


def careen_report(*words: object) -> str:
    ended = CliRunner().invoke(
        command, [str(each) for each in words], standalone_mode=False, catch_exceptions=False
    )
    return ended.output


def test_the_document_is_valid_and_has_the_figures(report: Path) -> None:
    assert careen_report(report, "-f", "json") == f"written: {report / 'report.json'}\n"
    document = json.loads((report / "report.json").read_text())
    schema = json.loads((FOLDER / "report-1.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document["verdict"] == "Hardened and verified"
    figures = {each["title"]: (each["before"], each["after"]) for each in document["figures"]}
    assert figures["Setuid files"] == (9, 0)
    assert document["findings"] is None
    assert document["adequacy"] is None
    assert document["syscalls"] is None
    assert document["tests_hardened"]["cases"] == 15


@pytest.mark.parametrize("kind", ["html", "md", "json"])
def test_two_runs_are_compared_in_each_format(report: Path, tmp_path: Path, kind: str) -> None:
    target = tmp_path / f"out.{kind}"
    careen_report("--compare", report, report, "-f", kind, "-o", target)
    assert b"0 packages differ" in target.read_bytes() or kind == "json"
    assert target.stat().st_size > 500


@pytest.mark.parametrize("place", ["/dev/stdout", "-"])
def test_standard_output_has_the_document_alone(
    report: Path, place: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert not careen_report(report, "-f", "json", "-o", place)
    assert json.loads(capfd.readouterr().out)["passed"] is True


def test_a_page_of_the_run_is_stated_in_its_manifest(report: Path) -> None:
    careen_report(report, "-f", "md", "-o", report / "report.md")
    careen_report(report, "-f", "md", "-o", report / "comment.md")
    listed = {
        each["path"]: each for each in json.loads((report / "manifest.json").read_text())["files"]
    }
    digest = hashlib.sha256((report / "report.md").read_bytes()).hexdigest()
    assert listed["report.md"]["sha256"] == digest
    assert "comment.md" not in listed


@pytest.mark.parametrize(
    "name", ["summary.json", "manifest.json", "attestations/provenance.sigstore.json"]
)
def test_evidence_is_not_written_over(report: Path, name: str, tmp_path: Path) -> None:
    (report / "attestations").mkdir()
    alias = tmp_path / "alias"
    alias.symlink_to(report)
    before = {path: path.read_bytes() for path in report.iterdir() if path.is_file()}
    for words in ((report,), ("--compare", report, tmp_path / "other")):
        for place in (report, alias):
            with pytest.raises(InputError, match="it is evidence of the run; name another file"):
                careen_report(*words, "-o", place / name)
    assert {path: path.read_bytes() for path in report.iterdir() if path.is_file()} == before


def test_a_listed_page_is_replaced_by_its_own_format_alone(report: Path) -> None:
    careen_report(report, "-f", "json")
    for words in ((report, "-f", "md"), ("--compare", report, report, "-f", "json")):
        with pytest.raises(InputError, match="it is evidence of the run"):
            careen_report(*words, "-o", report / "report.json")


def test_a_signed_directory_is_to_be_signed_again(report: Path, tmp_path: Path) -> None:
    (report / "attestations").mkdir()
    assert "sign it again" not in careen_report(report)
    (report / "attestations" / "provenance.sigstore.json").write_text("{}")
    assert f"{report} was signed: sign it again" in careen_report(report)
    assert "sign it again" not in careen_report(report, "-o", tmp_path / "elsewhere.html")


def test_an_unusable_place_is_told_before_any_work(report: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="name another file"):
        careen_report(report, "-o", tmp_path / "file" / "x.html")


def test_without_chromium_one_line_says_what_to_install(
    report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(CHROMIUM), "path", lambda _: None)
    with pytest.raises(ToolError, match="chromium: not found on this machine; install it"):
        careen_report(report, "-f", "pdf")
    assert not (report / "report.pdf").exists()


def test_a_chromium_that_prints_nothing_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\necho no namespace >&2\nexit 5\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(ToolError, match=r"printed no PDF \(status 5\): no namespace; write html"):
        report_pdf(b"<p>")
