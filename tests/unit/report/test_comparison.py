"""Two finished runs compared: what was added, removed and changed, and what is not told."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from careen.errors import ConfigError
from careen.model.comparing.imagediff import PackageChange
from careen.model.runs.trace import Endpoint, Phase, Use
from careen.pipeline.report import read_report
from careen.report.comparison.compare import compare_runs
from careen.report.comparison.markdown import comparison_markdown
from careen.report.comparison.page import comparison_html
from careen.report.documents.document import to_json
from careen.report.finished.facts import ReportFacts
from tests.support.finished_run import finished_run
from tests.support.report_pages import GOLDEN_SCAN
from tests.support.schemas import FOLDER

SITE = "/usr/lib/python3.13/site-packages"
EVIL = "<img src=x onerror=alert(1)>|`@team`"


def dist(version: str) -> dict[str, tuple[str, Use | None]]:
    info = f"{SITE}/shop-{version}.dist-info"
    return {
        f"{info}/METADATA": (f"Metadata-Version: 2.1\nName: shop\nVersion: {version}\n", None),
        f"{info}/RECORD": ("shop.py,,\n", None),
        f"{SITE}/shop.py": ("s" * 9, None),
    }


def facts_of(folder: Path, files: dict[str, tuple[str, Use | None]]) -> ReportFacts:
    folder.mkdir()
    return read_report(finished_run(folder, files))


@pytest.fixture
def before(tmp_path: Path) -> ReportFacts:
    files: dict[str, tuple[str, Use | None]] = {
        "/usr/bin/old": ("#!/bin/sh\n", Use.EXECUTED),
        "/srv/used": ("one", Use.OPENED),
        "/srv/unused": ("one", None),
        "/srv/larger": ("one", None),
        "/gone/a": ("removed in both", None),
        **dist("1.0"),
    }
    return facts_of(tmp_path / "before", files)


@pytest.fixture
def after(tmp_path: Path) -> ReportFacts:
    files: dict[str, tuple[str, Use | None]] = {
        f"/usr/bin/{EVIL.replace('/', '|')}": ("#!/bin/sh\n", Use.EXECUTED),
        "/srv/used": ("two", Use.OPENED),
        "/srv/unused": ("two", None),
        "/srv/larger": ("three", None),
        "/gone/b": ("removed", None),
        **dist("1.1"),
    }
    return facts_of(tmp_path / "after", files)


def with_findings(facts: ReportFacts, *names: str) -> ReportFacts:
    scan = json.loads(GOLDEN_SCAN.read_text())
    first = scan["findings"][0]
    return replace(facts, findings={**scan, "findings": [{**first, "id": each} for each in names]})


def test_files_of_the_results_are_added_removed_and_changed(
    before: ReportFacts, after: ReportFacts
) -> None:
    found = compare_runs(before, after)
    assert "/usr/bin/old" in found.files.removed
    assert not [path for path in (*found.files.added, *found.files.removed) if "/gone" in path]
    # one by its size, the other by the content that both profiles saw
    assert set(found.files.changed) == {"/srv/larger", "/srv/used"}
    # of the same size, and no profile read it: that is said, and counts as neither
    assert found.files.not_compared == 2
    assert found.files.same == 0
    assert any("2 files have the same size and mode" in each for each in found.not_compared)


def test_a_file_of_a_layer_that_both_have_is_the_same(before: ReportFacts) -> None:
    found = compare_runs(before, before)
    assert (found.files.added, found.files.removed, found.files.changed) == ((), (), ())
    assert found.files.not_compared == 0
    assert found.files.same == 7
    assert found.packages == ()


def test_a_package_has_both_versions(before: ReportFacts, after: ReportFacts) -> None:
    (change,) = compare_runs(before, after).packages
    assert replace(change, size=0) == PackageChange("pypi", "shop", "1.0", "1.1")


def test_findings_are_new_fixed_or_in_both(before: ReportFacts, after: ReportFacts) -> None:
    one, two = with_findings(before, "CVE-1", "CVE-2"), with_findings(after, "CVE-2", "CVE-3")
    found = compare_runs(one, two)
    assert found.findings is not None
    assert [each.id for each in found.findings.new] == ["CVE-3"]
    assert [each.id for each in found.findings.fixed] == ["CVE-1"]
    assert found.findings.both == 1
    later: dict[str, Any] = dict(two.findings or {})
    later["feeds"] = [{**each, "date": "2026-11-01"} for each in later["feeds"]]
    said = compare_runs(one, replace(two, findings=later)).not_compared
    assert any("advisories have different dates" in each for each in said)


def test_what_one_run_does_not_know_is_unknown(before: ReportFacts, after: ReportFacts) -> None:
    found = compare_runs(with_findings(before, "CVE-1"), after)
    assert found.findings is None
    assert found.syscalls is None
    assert "Findings: the second run counted none, as it had no advisory database." in (
        found.not_compared
    )
    assert "System calls: the first run did not record them." in found.not_compared
    text = comparison_markdown(found).decode()
    assert "**Findings** Unknown: they were not counted in both runs." in text
    assert "**System calls** Unknown: they were not recorded in both runs." in text


def test_findings_that_were_not_compared_are_not_fixed(
    before: ReportFacts, after: ReportFacts
) -> None:
    one, two = with_findings(before, "CVE-1"), with_findings(after)
    result = two.summary["hardened"]
    counts = {**result["findings"], "total": 0, "compared": 0}
    summary = {**two.summary, "hardened": {**result, "findings": counts}}
    found = compare_runs(one, replace(two, summary=summary))
    assert found.findings is None
    assert "Findings: no package of the second run's result was compared with an advisory." in (
        found.not_compared
    )
    figure = next(each for each in found.figures if each.title == "Findings")
    assert (figure.before, figure.after) == (94, None)
    assert "fixed" not in comparison_markdown(found).decode()


def test_calls_and_endpoints_are_compared(before: ReportFacts, after: ReportFacts) -> None:
    def seen(facts: ReportFacts, calls: tuple[str, ...], port: int) -> ReportFacts:
        end = Endpoint("bind", "inet", "0.0.0.0", port, frozenset({Phase.START}))
        bom = replace(facts.bom, syscalls={Phase.START: calls}, endpoints=(end,))
        return replace(facts, bom=bom)

    found = compare_runs(seen(before, ("read", "ptrace"), 80), seen(after, ("read", "bpf"), 81))
    assert found.syscalls is not None
    assert (found.syscalls.added, found.syscalls.removed) == (("bpf",), ("ptrace",))
    assert found.syscalls.both == 1
    assert found.endpoints is not None
    assert found.endpoints.added == ("bind inet 0.0.0.0 81",)


def test_text_of_an_image_stays_text(before: ReportFacts, after: ReportFacts) -> None:
    found = compare_runs(before, after)
    assert any("onerror" in each for each in found.files.added)
    page, text = comparison_html(found).decode(), comparison_markdown(found).decode()
    assert "<img" not in page
    assert "&lt;img src=x" in page
    assert "<script" not in page
    assert "<img" not in text
    assert "@team" not in text


def test_the_document_is_valid_by_its_schema(before: ReportFacts, after: ReportFacts) -> None:
    schema = json.loads((FOLDER / "comparison-1.schema.json").read_text())
    document = json.loads(to_json(compare_runs(with_findings(before, "CVE-1"), after)))
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document["format"] == "careen.comparison"
    assert document["findings"] is None


@pytest.mark.parametrize(
    ("where", "what"),
    [
        ("summary", {"hardened": None}),
        (
            "summary",
            {"hardened": {**dict.fromkeys(("reference", "digest"), ""), "size_bytes": "9"}},
        ),
        ("summary", {"tests": {"hardened": {"passed": True, "cases": "x", "seconds": 1}}}),
        ("adequacy", {"score": 1e308}),
        ("adequacy", {"score": "40"}),
        ("findings", {"findings": [{}]}),
    ],
)
def test_a_document_of_another_shape_is_one_line(
    before: ReportFacts, after: ReportFacts, where: str, what: dict[str, Any]
) -> None:
    after = with_findings(after, "CVE-1")
    changed: Any = {where: {**getattr(after, where), **what}}
    with pytest.raises(ConfigError, match="not as careen writes it") as raised:
        compare_runs(with_findings(before, "CVE-1"), replace(after, **changed))
    assert "\n" not in str(raised.value)
