"""An assessment in a report directory: shown and attested if it is of the result, else neither."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from careen.evidence.attest.predicates import TEST_RESULT, predicates
from careen.evidence.attest.statement import Statement
from careen.model.attestations.signed import Subject
from careen.model.compliance.assessment import Assessment, Compliance
from careen.model.runs.trace import Use
from careen.pipeline.report import read_documents
from careen.pipeline.run.report_documents import ReportDocuments
from careen.pipeline.run.run_documents import run_documents, supported
from careen.pipeline.verify_evidence import _differences
from careen.report.documents.comply import comply_json
from careen.report.finished.page import report_html
from tests.support.compliance import assessment, subject
from tests.support.finished_run import finished_run
from tests.support.images import file

EVIL = "</script><img src=x onerror=alert(1)>"
OTHER = "sha256:" + "9" * 64


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished_run(tmp_path_factory.mktemp("run"), {"/usr/bin/run": ("#!", Use.EXECUTED)})


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    setuid = file("usr/bin/x", b"x", mode=0o4755)
    with subject(tmp_path_factory.mktemp("image"), setuid) as image:
        return assessment(image, "cis-docker", "stig-gpos")


def page_with(report: Path, assessment_: Assessment) -> str:
    (report / "comply.json").write_bytes(comply_json(Compliance((assessment_,))))
    return report_html(read_documents(ReportDocuments(report))).decode()


def digest_of(report: Path) -> str:
    digest: str = json.loads((report / "summary.json").read_bytes())["hardened"]["digest"]
    return digest


def test_an_assessment_of_the_result_is_a_section(report: Path, assessed: Assessment) -> None:
    page = page_with(report, replace(assessed, digest=digest_of(report)))
    assert '<h2 id="compliance1">Compliance</h2>' in page
    assert "no-setid-files" in page
    assert "GPOS SRG" in page


def test_an_assessment_of_another_image_is_not(report: Path, assessed: Assessment) -> None:
    other = replace(assessed, digest=OTHER, config_digest=OTHER)
    assert "Compliance</h2>" not in page_with(report, other)


def test_what_an_image_wrote_is_text(report: Path, assessed: Assessment) -> None:
    checks = tuple(replace(each, reason=EVIL) for each in assessed.checks)
    page = page_with(report, replace(assessed, digest=digest_of(report), checks=checks))
    assert "<img src=x" not in page


def test_each_framework_is_a_test_result_of_its_own(report: Path, assessed: Assessment) -> None:
    document = comply_json(Compliance((replace(assessed, digest=digest_of(report)),)))
    (report / "comply.json").write_bytes(document)
    found = {
        name: predicate
        for name, kind, predicate in predicates(run_documents(ReportDocuments(report)))
        if kind == TEST_RESULT
    }
    assert set(found) == {"test-result", "compliance-cis-docker", "compliance-stig-gpos"}
    gpos, items = found["compliance-stig-gpos"], assessed.frameworks[1].items
    assert gpos["result"] == "FAILED"
    assert len(gpos["passedTests"]) == assessed.frameworks[1].coverage.passed
    told = sum(len(gpos[name]) for name in ("passedTests", "warnedTests", "failedTests"))
    assert told == len(items)
    annotations = gpos["configuration"][0]["annotations"]
    assert (annotations["items"], annotations["content"]) == ("198", "V3R2")


def test_a_failed_item_is_no_failed_run(report: Path, assessed: Assessment) -> None:
    """`careen verify-evidence` accepts a signed assessment that says what its document says."""
    document = comply_json(Compliance((replace(assessed, digest=digest_of(report)),)))
    (report / "comply.json").write_bytes(document)
    said = supported(run_documents(ReportDocuments(report)), "report")
    of = Subject("x", digest_of(report))
    signed = {name: Statement(of, kind, predicate) for name, (kind, predicate) in said.items()}
    assert list(_differences(signed, said)) == []
    name = "compliance-stig-gpos"
    forged = {**signed[name].predicate, "result": "PASSED"}
    signed[name] = replace(signed[name], predicate=forged)
    assert list(_differences(signed, said)) == [
        f"{name} does not say what the files of the report say"
    ]
