"""Attestations of a base's report: what applies is signed, accepted, and each change is found."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from careen import __version__
from careen.catalog.lock_file import written
from careen.evidence.attest.base import base_provenance
from careen.evidence.directory.manifest import Manifest, policy_of
from careen.model.catalog.built import BuiltBase
from careen.model.catalog.contract import Contract, ContractRow, Kept
from careen.model.catalog.lock import Lock, LockedPackage, LockedWheel, Step
from careen.model.history import Named
from careen.model.measure import Measure
from careen.model.runs.trace import Use
from careen.pipeline.catalog.evidence import LOCK, PROVENANCE
from careen.pipeline.run.evidence import write_manifest
from careen.pipeline.run.report_documents import ReportDocuments
from careen.report.documents.contract import FILE, contract_json
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.cosign import PASSWORD, new_keys
from tests.support.finished_run import finished_run

pytestmark = pytest.mark.cosign

DIGEST = "sha256:" + "d" * 64
TIME = "2026-12-01T00:00:00Z"
PACKAGE = LockedPackage("libc6", "amd64", "2.41-12", "a" * 64)
WHEEL = LockedWheel("numpy", "2.3.5", "numpy-2.3.5-cp313-cp313-manylinux_2_27_x86_64.whl", "b" * 64)
ROWS = (
    ContractRow("shell", "/bin/sh", Kept.DIFFERS, "/usr/bin/dash", "missing", "no shell"),
    ContractRow("paths", "20 standard directories", Kept.SAME, "all", "all"),
    ContractRow("locale", "compiled locales", Kept.UNKNOWN, reason="neither image has one"),
)


@pytest.fixture
def careen(tmp_path: Path) -> Careen:
    report = tmp_path / "report"
    report.mkdir()
    step = Step("own:1", (PACKAGE,), "", (WHEEL,))
    lock = Lock("own:1", "runtime", "amd64", TIME, ("deb https://m.test trixie main",), (step,))
    figures = Measure("own:1", DIGEST, 1, 1, {"deb": 1}, 0, 0, 0, 0, 0)
    built = BuiltBase("own:1", "runtime", figures, (), lock, ("r.test/own:1",))
    provenance = base_provenance(built, TIME, TIME, __version__)
    (report / LOCK).write_bytes(written(lock))
    (report / PROVENANCE).write_text(json.dumps(provenance))
    (report / "sbom.cdx.json").write_text('{"bomFormat": "CycloneDX", "specVersion": "1.6"}')
    (report / FILE).write_bytes(contract_json(Contract("debian:13", "own:1", "runtime", ROWS)))
    named = Named("r.test/own:1", DIGEST)
    choices = policy_of({"entry": "own:1"})
    manifest = Manifest(__version__, named, named, built.places, TIME, TIME, choices, ())
    write_manifest(ReportDocuments(report), manifest)
    new_keys(tmp_path, "cosign")
    return Careen(tmp_path, {**NO_DAEMON, **PASSWORD, "CAREEN_HISTORY": str(tmp_path / "history")})


def statement(careen: Careen, name: str) -> Any:
    bundle = careen.folder / f"report/attestations/{name}.sigstore.json"
    envelope = json.loads(bundle.read_text())["dsseEnvelope"]
    return json.loads(base64.b64decode(envelope["payload"]))


def test_what_applies_to_a_base_is_signed_and_verified(careen: Careen) -> None:
    careen("attest", "report", "--key", "cosign.key")
    folder = careen.folder / "report/attestations"
    names = {each.name.removesuffix(".sigstore.json") for each in folder.iterdir()}
    assert names == {"manifest", "provenance", "sbom", "contract"}
    found = statement(careen, "provenance")
    assert found["subject"] == [{"name": "r.test/own", "digest": {"sha256": "d" * 64}}]
    parts = found["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert [x["uri"] for x in parts] == [
        "pkg:deb/debian/libc6@2.41-12?arch=amd64",
        "pkg:pypi/numpy@2.3.5",
    ]
    result = statement(careen, "contract")["predicate"]
    assert result["result"] == "WARNED"  # what could not be compared has not passed
    assert result["passedTests"] == [
        "shell: /bin/sh (differs: no shell)",
        "paths: 20 standard directories",
    ]
    assert result["warnedTests"] == ["locale: compiled locales (unknown: neither image has one)"]
    careen("verify-evidence", "report", "--key", "cosign.pub", "--require", "contract")

    line = careen.refused("verify-evidence", "report", "--key", "cosign.pub", "--image", "x:1")
    assert "the report of a base has none" in line
    contract = careen.folder / "report" / FILE
    contract.write_text(contract.read_text().replace('"unknown"', '"same"'))
    ended = careen.answer("verify-evidence", "report", "--key", "cosign.pub")
    assert ended.status == 3
    assert "contract does not say what the files of the report say" in ended.out


def test_a_directory_that_no_build_finished_is_refused(careen: Careen) -> None:
    (careen.folder / "report" / LOCK).unlink()
    line = careen.refused("attest", "report", "--key", "cosign.key")
    assert "no base-lock.json" in line


def test_the_contract_of_a_base_from_an_image_is_signed_beside_its_tests(tmp_path: Path) -> None:
    folder = tmp_path / "careen"
    folder.mkdir()
    finished_run(folder, {"/a": ("", Use.OPENED)})
    contract = Contract("acme/golden:1", "own:1", "compat", ROWS[:2])
    (folder / "report" / FILE).write_bytes(contract_json(contract))
    new_keys(folder, "cosign")
    careen = Careen(folder, {**NO_DAEMON, **PASSWORD, "CAREEN_HISTORY": str(tmp_path / "history")})
    careen("attest", "report", "--key", "cosign.key")
    assert statement(careen, "contract")["predicate"]["result"] == "PASSED"
    assert statement(careen, "test-result")["predicate"]["passedTests"]
    careen("verify-evidence", "report", "--key", "cosign.pub", "--require", "contract")
