"""An assessment in a report directory: shown and attested if it is of the result, else neither."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from careen.evidence.attest.predicates import TEST_RESULT, predicates
from careen.evidence.attest.statement import Statement
from careen.model.attestations.signed import Subject
from careen.model.compliance.assessment import Assessment, Compliance
from careen.model.cryptography.fips import Expected, FipsProbe, FipsProof, FipsReport, Provider
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.pipeline.report import read_documents
from careen.pipeline.run.report_documents import ReportDocuments
from careen.pipeline.run.run_documents import run_documents, supported
from careen.pipeline.verify_evidence import _differences
from careen.report.documents.comply import comply_json
from careen.report.documents.fips import fips_json
from careen.report.finished.document import report_json
from careen.report.finished.markdown import report_markdown
from careen.report.finished.page import report_html
from tests.support import crypto_images as crypto
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


def test_markdown_and_json_say_what_the_page_says(report: Path, assessed: Assessment) -> None:
    page_with(report, replace(assessed, digest=digest_of(report)))
    facts = read_documents(ReportDocuments(report))
    (found,) = json.loads(report_json(facts))["compliance"]
    docker, gpos = assessed.frameworks
    assert [each["id"] for each in found["frameworks"]] == [docker.id, gpos.id]
    assert found["frameworks"][1]["manual"] == gpos.coverage.manual
    text = report_markdown(facts).decode()
    assert f"| {docker.title}, {docker.content} | {docker.coverage.passed} | " in text
    failed = [each["check"] for each in found["failed"]]
    assert "no-setid-files" in failed
    assert f"{len(failed)} check failed; the first:" in text
    assert "Cryptography and FIPS mode" not in text


def test_cryptography_of_an_assessment_is_a_section(
    report: Path, tmp_path: Path, assessed: Assessment
) -> None:
    inventory = crypto.inspect(crypto.fips_root(), {})
    known = replace(assessed, digest=digest_of(report), cryptography=inventory)
    page = page_with(report, known)
    assert '<h2 id="fips">Cryptography and FIPS mode</h2>' in page
    assert "This run did not turn FIPS mode on." in page
    facts = read_documents(ReportDocuments(report))
    found = json.loads(report_json(facts))["fips"]
    assert found["mode"] is None
    assert len(found["modules"]) == len(inventory.modules)
    assert {each["executed"] for each in found["modules"]} == {None}
    text = report_markdown(facts).decode()
    assert "- private and not validated: 1 module; not known of 1" in text


def test_fips_mode_of_the_result_is_a_section(report: Path) -> None:
    (report / "comply.json").unlink(missing_ok=True)
    provider = Provider(ImagePath("/m/fips.so"), "3.1.2", "a" * 64, "AA", "the image has it")
    asked = (
        FipsProbe("a", "MD5 of openssl", Expected.BLOCKED, "is blocked", passed=True),
        FipsProbe("b", EVIL, Expected.SHOWN, EVIL, passed=None),
    )
    for digest, shown in ((digest_of(report), True), (OTHER, False)):
        told = FipsReport(
            *("x", digest, "2026-11-30", "checked today", "b" * 64, provider, {}),
            crypto.inspect(crypto.fips_root(), {}),
            FipsProof("docker", asked),
            certificate=4985,
        )
        (report / "fips.json").write_bytes(fips_json(told))
        facts = read_documents(ReportDocuments(report))
        page, text = report_html(facts).decode(), report_markdown(facts).decode()
        assert ("stated for it is 4985" in page) is shown
        assert ("provider 3.1.2 (the image has it); 1 of 1 probes passed" in text) is shown
        assert (json.loads(report_json(facts))["fips"] is not None) is shown
        assert "<img src=x" not in page
    (report / "fips.json").unlink()


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
