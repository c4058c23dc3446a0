"""A finished run as one page and as Markdown: what it says, and what a hostile image can write."""

import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.errors import ConfigError, InputError
from careen.model.runs.trace import SensorKind, Use
from careen.pipeline.report import read_documents, read_report
from careen.pipeline.run.report_documents import ReportDocuments
from careen.pipeline.run.run_documents import run_documents
from careen.report.comparison.compare import compare_runs
from careen.report.finished.document import run_report
from careen.report.finished.facts import not_known
from careen.report.finished.markdown import report_markdown
from careen.report.finished.page import report_html
from tests.support.finished_run import finished_run
from tests.support.report_pages import GOLDEN_SCAN

EVIL = "</script><img src=x onerror=alert(1)>"
FILES: dict[str, tuple[str, Use | None]] = {
    "/usr/bin/run": ("#!/bin/sh\n", Use.EXECUTED),
    "/usr/lib/libone.so": ("1" * 50, Use.MAPPED),
    "/usr/lib/libtwo.so": ("2" * 60, None),
    "/gone/big": ("3" * 70, None),
    "/srv/\udcff\n" + EVIL.replace("/", "|"): ("4" * 80, Use.OPENED),
    "/srv/\N{GRINNING FACE}/a/one": ("", None),
    "/srv/\N{GRINNING FACE}/b": ("", None),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished_run(tmp_path_factory.mktemp("run"), FILES)


@pytest.fixture(scope="module")
def page(report: Path) -> str:
    return report_html(read_report(report)).decode()


def columns(page: str) -> Any:
    packed = re.search(r'<script type="text/plain" id="files">([^<]*)</script>', page)
    assert packed is not None
    return json.loads(gzip.decompress(base64.b64decode(packed.group(1))))


def test_every_file_has_its_size_its_evidence_and_its_reason(page: str) -> None:
    found = columns(page)
    paths: list[str] = []
    before = b""
    for shared, rest in zip(found["shared"], found["rest"], strict=True):
        # as a script counts: in UTF-16 units
        before = before[: 2 * shared] + rest.encode("utf-16-le", "surrogatepass")
        paths.append(before.decode("utf-16-le", "surrogatepass"))
    assert paths == sorted(FILES)
    rows = dict(zip(paths, zip(found["sizes"], found["evidence"], strict=True), strict=True))
    assert rows["/usr/bin/run"] == (10, "0")
    assert rows["/usr/lib/libone.so"] == (50, "1")
    assert rows["/usr/lib/libtwo.so"] == (60, "3")
    assert rows["/gone/big"] == (70, "4")
    reasons = [found["reasons"][number][0] for number in found["reason"]]
    assert reasons == ["unused" if path.startswith("/gone") else "observed" for path in paths]


def test_the_page_runs_its_own_script_alone_and_loads_nothing(page: str) -> None:
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    (own,) = scripts
    digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in page
    assert not re.findall(r"(?:src|href)=\"(?!#)", page)


def test_what_the_image_says_is_text(tmp_path: Path) -> None:
    report = finished_run(tmp_path, {"/a": ("", Use.OPENED)})
    summary = json.loads((report / "summary.json").read_text())
    summary["notes"] = [EVIL]
    (report / "summary.json").write_text(json.dumps(summary))
    facts = read_documents(ReportDocuments(report))
    assert EVIL not in report_html(facts).decode()
    assert "&lt;img src=x" in report_html(facts).decode()
    assert "<img" not in report_markdown(facts).decode()


def test_what_is_not_known_is_said(report: Path) -> None:
    said = list(not_known(read_report(report)))
    assert "Vulnerabilities were not counted: there was no advisory database." in said
    assert "How far the profile covers saturation: only 3 requests, of at least 5." in said
    assert "Nothing was tried beyond the tests." in said


def test_a_run_that_saw_less_than_the_others_is_named(report: Path) -> None:
    facts = read_report(report)
    (run,) = facts.bom.runs
    full = replace(run, sensor=replace(run.sensor, kind=SensorKind.EBPF))
    blind = replace(run, workload="batch", sensor=replace(run.sensor, kind=SensorKind.FANOTIFY))
    said = "Endpoints and system calls of a part of the runs were not recorded: batch."
    for runs, told in (((full, blind), True), ((blind,), False), ((full,), False)):
        shown = replace(facts, bom=replace(facts.bom, runs=runs))
        assert (said in not_known(shown)) is told
        compared = compare_runs(shown, facts).not_compared
        assert any(": batch." in each for each in compared) is told


def test_the_markdown_has_the_figures(report: Path) -> None:
    text = report_markdown(read_report(report)).decode()
    assert text.startswith("### Hardened and verified: wl/embed:cpu\n")
    assert "| Setuid files | 9 | 0 |" in text
    assert "| Findings | 1,431 | 94 |" in text


def test_findings_of_an_image_that_was_not_compared_are_unknown(report: Path) -> None:
    facts = read_report(report)
    scan = json.loads(GOLDEN_SCAN.read_text())
    result = facts.summary["hardened"]
    counts = {**result["findings"], "total": 0, "executed": 0, "compared": 0}
    summary = {**facts.summary, "hardened": {**result, "findings": counts}}
    facts = replace(facts, summary=summary, findings={**scan, "findings": []})
    text, page = report_markdown(facts).decode(), report_html(facts).decode()
    assert "| Findings | 1,431 | unknown |" in text
    said = "of the result are not known: none of its packages was compared with an advisory"
    assert said in text
    assert said in page
    assert "They are not known: no package of the result was compared" in page
    assert "None is known" not in page
    document = run_report(facts)
    assert document.findings is None
    figures = {each.title: (each.before, each.after) for each in document.figures}
    assert figures["Findings"] == (1431, None)
    assert any(said in each for each in document.not_known)


@pytest.mark.parametrize("name", ["verify.json", "plan.json", "rbom.json", "index.json"])
@pytest.mark.parametrize("data", [None, b"", b"{", b"[]", b'{"format": "another", "version": 1}'])
def test_a_missing_damaged_or_foreign_document_is_one_line(
    tmp_path: Path, name: str, data: bytes | None
) -> None:
    report = finished_run(tmp_path, {"/a": ("", Use.OPENED)})
    if data is None:
        (report / name).unlink()
    else:
        (report / name).write_bytes(data)
    with pytest.raises(ConfigError, match=re.escape(name)) as raised:
        read_report(report)
    assert "\n" not in str(raised.value)


def test_a_directory_of_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not the report of a finished"):
        read_report(tmp_path)


def test_documents_of_two_runs_are_not_shown_as_one(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    report = finished_run(tmp_path, {"/a": ("", Use.OPENED)})
    other = finished_run(tmp_path / "other", {"/b": ("", Use.OPENED)})
    (report / "rbom.json").write_bytes((other / "rbom.json").read_bytes())
    with pytest.raises(InputError, match="different images"):
        read_report(report)
    (report / "index.json").write_bytes((other / "index.json").read_bytes())
    (report / "plan.json").write_bytes((other / "plan.json").read_bytes())
    with pytest.raises(
        InputError, match=r"index\.json': was changed after manifest\.json was written"
    ):
        read_report(report)


def test_a_document_of_another_shape_is_one_line(tmp_path: Path) -> None:
    report = finished_run(tmp_path, {"/a": ("", Use.OPENED)})
    summary = json.loads((report / "summary.json").read_text())
    del summary["original"]["files"]
    (report / "summary.json").write_text(json.dumps(summary))
    facts = read_documents(ReportDocuments(report))
    for renderer in (report_html, report_markdown):
        with pytest.raises(ConfigError, match="not as careen writes it"):
            renderer(facts)


def test_a_document_of_another_run_is_not_shown(tmp_path: Path) -> None:
    report = finished_run(tmp_path, {"/a": ("", Use.OPENED)})
    verify = json.loads((report / "verify.json").read_text())
    verify["warnings"] = ["of another run"]
    (report / "verify.json").write_text(json.dumps(verify))
    with pytest.raises(
        InputError, match=r"verify\.json': was changed after manifest\.json was written"
    ):
        read_report(report)


def test_numbers_of_any_size_are_one_line(tmp_path: Path) -> None:
    report = finished_run(tmp_path, {"/a": ("", Use.OPENED)})
    adequacy = json.loads((report / "adequacy.json").read_text())
    (report / "adequacy.json").write_text(json.dumps({**adequacy, "score": 1e308}))
    with pytest.raises(ConfigError, match="not as careen writes it"):
        report_html(read_documents(ReportDocuments(report)))


def test_the_page_answers_the_four_questions_where_the_run_asked_them(report: Path) -> None:
    document = json.loads(
        (Path(__file__).parents[2] / "golden" / "report" / "scan.json").read_text()
    )
    document["findings"][0]["questions"]["exploited"] = {"answer": "yes", "source": f"the {EVIL}"}
    facts = replace(read_report(report), findings=document)
    page = report_html(facts).decode()
    for said in (
        "<p>exposed: unknown (not assessed)</p>",
        "<p>total control: unknown (not assessed)</p>",
        "<p>exploited: yes (the &lt;/script&gt;",
    ):
        assert said in page
    text = report_markdown(facts).decode()
    assert "| unknown \\(not assessed\\) | unknown \\(not assessed\\) | yes \\(the &lt;" in text
    assert "<img" not in text
    for finding in document["findings"]:
        del finding["questions"]  # a run of before
    assert "total control" not in report_html(facts).decode()
    assert "total control" not in report_markdown(facts).decode()


def test_a_place_that_came_later_is_stated(tmp_path: Path) -> None:
    folder = finished_run(tmp_path, FILES)
    read = ReportDocuments(folder)
    manifest = replace(read.manifest(), promoted=("docker://r.example/web:2@sha256:m",))
    (folder / "manifest.json").write_bytes(manifest.written())
    assert read_report(folder).summary["promoted"] == list(manifest.promoted)
    assert run_documents(ReportDocuments(folder)).summary["promoted"] == list(manifest.promoted)
    assert b"r.example/web:2" in report_markdown(read_report(folder))
    (folder / "manifest.json").unlink()
    assert read_documents(ReportDocuments(folder)).summary["promoted"] != list(manifest.promoted)
