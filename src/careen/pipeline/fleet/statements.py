"""What in-toto statements about images say, as documents of the store."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from careen.evidence.attest import predicates as known
from careen.evidence.attest.attestation import Claim
from careen.evidence.sbom.read_cyclonedx import is_vex
from careen.evidence.vex.document import VexDocument
from careen.formats.json_document import mapping, objects, text_at
from careen.model.findings.severity import severity_of
from careen.model.findings.vex import VexStatus
from careen.model.fleet.facts import FindingFact, VexFact

SBOM, RBOM, SCAN, MANIFEST, VERDICT, VEX, OTHER = (
    "sbom",
    "rbom",
    "scan",
    "manifest",
    "verdict",
    "vex",
    "other",
)
_KINDS = (
    (known.CYCLONEDX, SBOM),
    (known.SPDX, SBOM),
    (known.RBOM, RBOM),
    (known.MANIFEST, MANIFEST),
    ("https://in-toto.io/attestation/vulns", SCAN),
    ("https://openvex.dev/ns", VEX),
)


def kind_of_claim(claim: Claim) -> str:
    """Return which document of the store a statement is, `other` if the store keeps none of it."""
    if claim.predicate_type == known.SUMMARY:
        # Other verifiers state levels of SLSA by this type, and no tests.
        ours = text_at(claim.predicate, "verifier", "id") == known.BUILDER
        return VERDICT if ours else OTHER
    kind = next((kind for begins, kind in _KINDS if claim.predicate_type.startswith(begins)), OTHER)
    # Read in part, it would say that the rest is not there.
    if kind == SCAN and findings_of(claim.predicate) is None:
        return OTHER
    return OTHER if kind == SBOM and is_vex(claim.predicate) else kind


def predicate_bytes(claim: Claim) -> bytes:
    """Return a predicate as the document that it was made of."""
    return json.dumps(claim.predicate, separators=(",", ":")).encode()


def passed(predicate: Mapping[str, Any]) -> bool:
    """Return whether a verification summary of careen says that the run passed."""
    return text_at(predicate, "verificationResult") == "PASSED"


def findings_of(predicate: Mapping[str, Any]) -> tuple[str, tuple[FindingFact, ...]] | None:
    """Return when a statement of findings (in-toto vulns) was made, "" if unknown, and these.

    None if one of them names no package, as those of other scanners. A severity is that of the
    newest CVSS score that is stated, `unknown` without one: the statement has no words of the
    distribution.
    """
    metadata = mapping(predicate.get("metadata"))
    made = text_at(metadata, "scanFinishedOn") or text_at(metadata, "scanStartedOn")
    results = mapping(predicate.get("scanner")).get("result")
    if not isinstance(results, list):
        return None
    found: list[FindingFact] = []
    for each in results:
        facts = list(_findings(mapping(each)))
        if not facts:
            return None
        found += facts
    return made, tuple(found)


def _findings(result: Mapping[str, Any]) -> Iterator[FindingFact]:
    identifier, severity = text_at(result, "id"), _severity(result)
    for note in objects(result.get("annotations")):
        if identifier and (package := text_at(note, "package")):
            yield FindingFact(identifier, package, severity, text_at(note, "evidence"))


def vex_facts(document: VexDocument) -> Iterator[VexFact]:
    """Yield what VEX says against findings: that the image is not affected, or fixed."""
    for each in document.statements:
        if each.status not in (VexStatus.NOT_AFFECTED, VexStatus.FIXED):
            continue
        why = "" if each.justification is None else each.justification.value
        packages = {part for product in each.products for part in product.subcomponents or ("",)}
        for advisory in dict.fromkeys((each.vulnerability, *each.aliases)):
            for package in sorted(packages):
                yield VexFact(advisory, package, each.status.value, why)


def _severity(result: Mapping[str, Any]) -> str:
    scores = [
        (text_at(each, "method"), score)
        for each in objects(result.get("severity"))
        if (score := _number(text_at(each, "score"))) is not None
    ]
    if not scores:
        return severity_of(None).word
    method, score = max(scores)
    return severity_of(score, method).word


def _number(text: str) -> float | None:
    try:
        score = float(text)
    except ValueError:
        return None
    return score if 0 <= score <= 10 else None  # noqa: PLR2004 — CVSS
