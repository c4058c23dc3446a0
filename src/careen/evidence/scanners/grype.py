"""Reader of Grype's JSON reports."""

from collections.abc import Iterator, Mapping
from typing import Any

from careen.evidence.scanners.report import (
    MAX_FINDINGS,
    ForeignPackage,
    ForeignReport,
    cvss,
    joined,
    named,
)
from careen.evidence.scanners.trivy import purl_from_parts
from careen.evidence.vex.json_access import Problems, text, texts
from careen.formats.json_document import items, mapping, objects
from careen.model.findings.advisory import CvssScore, EpssScore, KevEntry, VendorStatus
from careen.model.findings.finding import Finding, Match
from careen.model.findings.severity import severity_word

TOOL = "grype"

_FIX: Mapping[str, VendorStatus] = {
    "fixed": VendorStatus.FIXED,
    "not-fixed": VendorStatus.AFFECTED,
    "wont-fix": VendorStatus.WONT_FIX,
    "unknown": VendorStatus.AFFECTED,  # affected, but it is unknown whether a fix exists
}

KINDS: Mapping[str, str] = {
    "deb": "deb",
    "rpm": "rpm",
    "apk": "apk",
    "python": "pypi",
    "conda": "conda",
    "npm": "npm",
    "go-module": "golang",
    "java-archive": "maven",
    "jenkins-plugin": "maven",
    "rust-crate": "cargo",
    "binary": "generic",
}
"""Purl types by Syft's package types."""


def is_grype(document: Mapping[str, Any]) -> bool:
    """Return whether a JSON object is a Grype report, by its descriptor."""
    return mapping(document.get("descriptor")).get("name") == TOOL and "matches" in document


def read_grype(document: Mapping[str, Any]) -> ForeignReport:
    """Read a report; unreadable entries are listed as problems."""
    problems = Problems()
    descriptor, source = mapping(document.get("descriptor")), mapping(document.get("source"))
    version = text(descriptor.get("version"))
    findings: list[Finding] = []
    packages: dict[ForeignPackage, None] = {}
    for number, raw in enumerate(items(document.get("matches"))):
        if len(findings) >= MAX_FINDINGS:
            problems.add("matches", f"more than {MAX_FINDINGS} findings; the rest is not read")
            break
        package = _package(mapping(mapping(raw).get("artifact")))
        finding = _finding(mapping(raw), package, version)
        if finding is None:
            problems.add(f"matches[{number}]", "names no vulnerability")
            continue
        packages[package] = None
        findings.append(finding)
    if hidden := len(items(document.get("ignoredMatches"))):
        problems.add(
            "ignoredMatches", f"{hidden} findings were suppressed by grype itself and are left out"
        )
    target = source.get("target")
    image = mapping(target)
    digests = (reference.partition("@")[2] for reference in texts(image.get("repoDigests")))
    return ForeignReport(
        tool=TOOL,
        version=version,
        subject=text(image.get("userInput")) or text(target),
        digest=next((digest for digest in digests if digest), "")
        or text(image.get("manifestDigest"))
        or text(image.get("imageID")),
        created=text(descriptor.get("timestamp")),
        findings=joined(findings),
        packages=tuple(packages),
        problems=problems.all(),
    )


def _package(raw: Mapping[str, Any]) -> ForeignPackage:
    name, version, kind = (
        text(raw.get("name")),
        text(raw.get("version")),
        KINDS.get(text(raw.get("type")), ""),
    )
    path = next((text(location.get("path")) for location in objects(raw.get("locations"))), "")
    return ForeignPackage(
        text(raw.get("purl")) or purl_from_parts(kind, name, version), kind, name, version, path
    )


def _finding(raw: Mapping[str, Any], package: ForeignPackage, version: str) -> Finding | None:
    stated = mapping(raw.get("vulnerability"))
    own = text(stated.get("id"))
    if not own:
        return None
    related = tuple(objects(raw.get("relatedVulnerabilities")))
    identifier, aliases = named((own, *(text(one.get("id")) for one in related)))
    fix = mapping(stated.get("fix"))
    status = _FIX.get(text(fix.get("state")), VendorStatus.AFFECTED)
    fixed = texts(fix.get("versions"))
    constraint = next(
        (
            text(mapping(one.get("found")).get("versionConstraint"))
            for one in objects(raw.get("matchDetails"))
        ),
        "",
    )
    reason = f"{TOOL} {version} lists {package.name} {package.version}" + (
        f", affected are {constraint}" if constraint else ""
    )
    summaries = (text(one.get("description")) for one in (stated, *related))
    return Finding(
        id=identifier,
        aliases=aliases,
        package=package.purl,
        name=package.name,
        version=package.version,
        matches=(
            Match(
                own, f"{TOOL}: {text(stated.get('namespace'))}".rstrip(": "), reason, status, fixed
            ),
        ),
        status=status,
        fixed=fixed,
        severity=severity_word(text(stated.get("severity"))),
        severity_source=TOOL,
        scores=tuple(dict.fromkeys(score for one in (stated, *related) for score in _scores(one))),
        epss=_epss(stated),
        kev=_kev(stated),
        summary=next((summary for summary in summaries if summary), "")[:400],
        references=tuple(
            dict.fromkeys(
                url
                for one in (stated, *related)
                for url in (text(one.get("dataSource")), *texts(one.get("urls")))
                if url
            )
        ),
    )


def _scores(raw: Mapping[str, Any]) -> Iterator[CvssScore]:
    for one in objects(raw.get("cvss")):
        score = cvss(
            text(one.get("source")),
            text(one.get("version")),
            text(one.get("vector")),
            mapping(one.get("metrics")).get("baseScore"),
        )
        if score is not None:
            yield score


def _epss(raw: Mapping[str, Any]) -> EpssScore | None:
    for one in objects(raw.get("epss")):
        score, percentile = one.get("epss"), one.get("percentile")
        if (
            isinstance(score, int | float)
            and isinstance(percentile, int | float)
            and 0 <= score <= 1
            and 0 <= percentile <= 1
        ):
            return EpssScore(
                text(one.get("cve")), float(score), float(percentile), text(one.get("date"))[:10]
            )
    return None


def _kev(raw: Mapping[str, Any]) -> KevEntry | None:
    for one in objects(raw.get("knownExploited")):
        name = " ".join(
            part for part in (text(one.get("vendorProject")), text(one.get("product"))) if part
        )
        known = text(one.get("knownRansomwareCampaignUse")).lower() == "known"
        return KevEntry(
            text(one.get("cve")),
            text(one.get("dateAdded"))[:10],
            text(one.get("dueDate"))[:10],
            name,
            ransomware=known,
        )
    return None
