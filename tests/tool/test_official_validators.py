"""Every document of an evidence directory, by the validators and schemas of those who own its
format.
"""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from careen.evidence.vex.statements import statements
from careen.evidence.vex.subject import Scan
from careen.evidence.vex.write_openvex import to_openvex
from careen.report.documents.scan import to_scan_json
from careen.report.scan.sarif import scan_sarif
from tests.golden.test_vex_documents import AUTHOR
from tests.support import official
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.cosign import PASSWORD, new_keys
from tests.support.finished_result import close_again, finished_result
from tests.support.hardenings import BEFORE, HARDENING, SUBJECT
from tests.support.scan_reports import REPORT

pytestmark = [pytest.mark.cosign, pytest.mark.slow]

VEX = "vex.openvex.json"
EXPECTED = {
    "manifest",
    "provenance",
    "rbom",
    "sbom",
    "spdx",
    "test-result",
    "verification-summary",
    "vex",
    "vulnerabilities",
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed report with every document that a run can write."""
    folder = tmp_path_factory.mktemp("careen")
    made = finished_result(folder)
    vex = statements(BEFORE, HARDENING, SUBJECT, Scan.REGISTRY)
    (made / VEX).write_bytes(to_openvex(vex, SUBJECT, AUTHOR))
    (made / "findings-hardened.json").write_bytes(to_scan_json(REPORT))
    summary = json.loads((made / "summary.json").read_text())
    close_again(made, summary["hardened"]["digest"])
    new_keys(folder)
    Careen(folder, {**NO_DAEMON, **PASSWORD})("attest", "report", "--key", "cosign.key")
    return made


def test_every_document_is_valid(report: Path) -> None:
    found = official.complaints(report, without=frozenset({VEX}))
    assert {name: lines for name, lines in found.items() if lines} == {}
    bundles = {name.split("/")[1].split(".")[0] for name in found if "/" in name}
    assert bundles == EXPECTED


@pytest.mark.shared
def test_openvex_is_valid(report: Path) -> None:
    assert list(official.checked(official.openvex, (report / VEX).read_bytes())) == []


def test_sarif_is_valid() -> None:
    assert list(official.checked(official.sarif, scan_sarif(REPORT))) == []


def payload(change: Callable[[Any], object]) -> Callable[[Any], None]:
    def changed(bundle: Any) -> None:
        document = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
        change(document)
        text = base64.b64encode(json.dumps(document).encode()).decode()
        bundle["dsseEnvelope"]["payload"] = text

    return changed


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("provenance", lambda it: it.update(odd=1)),
        ("provenance", lambda it: it.update(mediaType="application/json")),
        ("provenance", lambda it: it["verificationMaterial"].pop("publicKey")),
        ("provenance", lambda it: it.pop("dsseEnvelope")),
        ("provenance", payload(lambda it: it.update(_type="https://in-toto.io/Statement/v9"))),
        ("provenance", payload(lambda it: it["subject"][0].pop("digest"))),
        ("provenance", payload(lambda it: it["predicate"].update(odd=1))),
        (
            "provenance",
            payload(lambda it: it["predicate"]["runDetails"]["metadata"].update(startedOn="noon")),
        ),
        (
            "provenance",
            payload(
                lambda it: it["predicate"]["buildDefinition"]["resolvedDependencies"].append({})
            ),
        ),
        ("test-result", payload(lambda it: it["predicate"].update(passedTests="all"))),
        ("verification-summary", payload(lambda it: it.update(subject=[]))),
        ("verification-summary", payload(lambda it: it["predicate"].update(odd=1))),
        ("verification-summary", payload(lambda it: it["predicate"]["verifier"].update(odd=1))),
        ("verification-summary", payload(lambda it: it["predicate"].update(verifiedLevels=""))),
        ("verification-summary", payload(lambda it: it["predicate"].pop("policy"))),
        (
            "verification-summary",
            payload(lambda it: it["predicate"].update(verificationResult="maybe")),
        ),
        ("vulnerabilities", payload(lambda it: it["predicate"]["scanner"].update(odd=1))),
        ("vulnerabilities", payload(lambda it: it["predicate"]["scanner"].update(result={}))),
        ("vulnerabilities", payload(lambda it: it["predicate"]["scanner"]["db"].clear())),
        (
            "vulnerabilities",
            payload(lambda it: it["predicate"]["metadata"].update(scanStartedOn="noon")),
        ),
    ],
)
def test_the_validators_refuse_what_is_wrong(
    report: Path, name: str, change: Callable[[Any], object]
) -> None:
    """A validator that takes anything would show nothing."""
    document = json.loads((report / "attestations" / f"{name}.sigstore.json").read_text())
    change(document)
    assert list(official.checked(official.bundle, json.dumps(document).encode()))
