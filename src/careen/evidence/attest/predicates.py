"""The statements that one run supports, each made of the report's documents.

Types: SLSA provenance 1 and verification summary 1; in-toto test result 0.1 and vulnerabilities
0.2; CycloneDX, SPDX, OpenVEX; RBOM and manifest have types of their own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from careen.evidence.attest.compliance import FILE as COMPLIANCE
from careen.evidence.attest.compliance import framework_results
from careen.evidence.directory import layout
from careen.evidence.directory.manifest import Manifest

PROVENANCE = "https://slsa.dev/provenance/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
VULNERABILITIES = "https://in-toto.io/attestation/vulns/v0.2"
SUMMARY = "https://slsa.dev/verification_summary/v1"
CYCLONEDX = "https://cyclonedx.org/bom"
SPDX = "https://spdx.dev/Document"
OPENVEX = "https://openvex.dev/ns/v0.2.0"
RBOM = "urn:careen:rbom:1"
MANIFEST = "urn:careen:manifest:1"
BUILDER = "urn:careen:builder"
HARDEN = "urn:careen:build:harden:1"
POLICY = "urn:careen:policy:tests-pass-on-both-images:1"

VERDICT = frozenset({PROVENANCE, TEST_RESULT, SUMMARY})
"""Types of the small statements that a cluster admits an image by."""

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunDocuments:
    """The documents of one run, and the SHA-256 (hex) of each of them by its file's name.

    `findings` are of the result, `compliance` are the assessments of it, `contract` is that of a
    base. What the run did not write is None.
    """

    manifest: Manifest
    summary: Document
    verify: Document
    rbom: Document
    digests: Mapping[str, str]
    sbom: Document | None = None
    spdx: Document | None = None
    vex: Document | None = None
    findings: Document | None = None
    compliance: tuple[Document, ...] = ()
    contract: Document | None = None

    @property
    def version(self) -> str:
        """The careen that ran; evidence outlives a release."""
        return self.manifest.careen


def predicates(run: RunDocuments) -> Iterator[tuple[str, str, Document]]:
    """Yield (name, predicate type, predicate) of each statement that the run supports."""
    yield "manifest", MANIFEST, run.manifest.object()
    yield "provenance", PROVENANCE, provenance(run)
    yield "test-result", TEST_RESULT, result_of_tests(run)
    yield "rbom", RBOM, run.rbom
    yield from contents(run.version, run.sbom, run.spdx, run.vex, run.findings)
    yield "verification-summary", SUMMARY, verification_summary(run)
    if run.compliance:
        for name, result in framework_results(run.compliance, run.digests[COMPLIANCE]):
            yield name, TEST_RESULT, result


def contents(
    careen: str,
    sbom: Document | None,
    spdx: Document | None,
    vex: Document | None,
    findings: Document | None,
) -> Iterator[tuple[str, str, Document]]:
    """Yield the statements about what is in an image and known against it, of those that exist."""
    if sbom is not None:
        yield "sbom", CYCLONEDX, sbom
    if spdx is not None:
        yield "spdx", SPDX, spdx
    if vex is not None:
        yield "vex", OPENVEX, vex
    if findings is not None:
        yield "vulnerabilities", VULNERABILITIES, vulnerabilities(findings, careen)


def provenance(run: RunDocuments) -> Document:
    """Return how the result was made: from which image, with what, and by which choices."""
    original = run.summary["original"]
    algorithm, _, hexadecimal = original["digest"].partition(":")
    patched = run.summary["patched"]
    upgrades = [] if patched is None else patched["upgrades"]
    databases = (
        {} if run.findings is None else {each["name"]: each for each in run.findings["feeds"]}
    )
    return {
        "buildDefinition": {
            "buildType": HARDEN,
            "externalParameters": {
                "image": original["reference"],
                "policy": dict(run.manifest.policy),
                "workloads": run.summary["workloads"],
                "tests": sorted({test for each in run.rbom["runs"] for test in each["tests"]}),
            },
            "internalParameters": {
                "rbom": {"sha256": run.summary["rbom_sha256"]},
                "plan": {"sha256": run.summary["plan_sha256"]},
            },
            "resolvedDependencies": [
                {
                    "name": "original",
                    "uri": original["reference"],
                    "digest": {algorithm: hexadecimal},
                },
                *(
                    {"name": each["name"], "annotations": {"version": each["to"]}}
                    for each in upgrades
                ),
                *(
                    {
                        "name": f"advisories {name}",
                        "annotations": {"date": feed["date"], "imported": feed["imported"]},
                    }
                    for name, feed in sorted(databases.items())
                ),
            ],
        },
        "runDetails": {
            "builder": {"id": BUILDER, "version": {"careen": run.version}},
            "metadata": {
                "startedOn": run.manifest.started,
                "finishedOn": run.manifest.finished,
            },
            "byproducts": [
                {
                    "name": layout.MANIFEST,
                    "digest": {"sha256": run.digests[layout.MANIFEST]},
                }
            ],
        },
    }


def result_of_tests(run: RunDocuments) -> Document:
    """Return what the tests said of the result, and by which configuration."""
    passed: list[str] = []
    failed: list[str] = []
    for workload in run.verify["workloads"]["hardened"]:
        for test in workload["tests"]:
            (passed if test["passed"] else failed).append(
                f"{workload['workload']}: {test['command']}"
            )
    return {
        "result": "PASSED" if run.verify["passed"] else "FAILED",
        "configuration": [
            {"name": "rbom.json", "digest": {"sha256": run.digests["rbom.json"]}},
            {"name": "verify.json", "digest": {"sha256": run.digests["verify.json"]}},
        ],
        "passedTests": passed,
        "warnedTests": [],
        "failedTests": failed,
    }


def vulnerabilities(findings: Document, version: str) -> Document:
    """Return the findings of the result, as a scanner's statement."""
    feeds = findings["feeds"]
    return {
        "scanner": {
            "uri": BUILDER,
            "version": version,
            "db": {
                "uri": "urn:careen:advisories",
                "version": ", ".join(
                    f"{each['name']} {each['date'] or 'undated'}" for each in feeds
                ),
                "lastUpdate": max((each["imported"] for each in feeds), default=None),
            },
            "result": [
                {
                    "id": each["id"],
                    "severity": [
                        {"method": score["version"], "score": str(score["score"])}
                        for score in each["cvss"]
                        if score["score"] is not None
                    ],
                    "annotations": [{"package": each["package"], "evidence": each["tier"]}],
                }
                for each in findings["findings"]
            ],
        },
        "metadata": {
            "scanStartedOn": findings["created"],
            "scanFinishedOn": findings["created"],
        },
    }


def verification_summary(run: RunDocuments) -> Document:
    """Return the verdict: the tests passed on both images, and the bytes are as planned."""
    return {
        "verifier": {"id": BUILDER, "version": {"careen": run.version}},
        "resourceUri": run.summary["hardened"]["reference"],
        "policy": {"uri": POLICY},
        "inputAttestations": [],
        "verificationResult": "PASSED" if run.verify["passed"] else "FAILED",
        "verifiedLevels": [],
    }
