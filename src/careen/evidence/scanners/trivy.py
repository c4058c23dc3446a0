"""Reader of Trivy's JSON reports (schema version 2)."""

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
from careen.evidence.vex.json_access import Problems, text, texts
from careen.formats.json_document import items, mapping, objects, shown
from careen.model.findings.advisory import CvssScore, VendorStatus
from careen.model.findings.finding import Finding, Match
from careen.model.findings.severity import severity_word

TOOL = "trivy"

_STATUS: Mapping[str, VendorStatus] = {
    "unknown": VendorStatus.UNDETERMINED,
    "not_affected": VendorStatus.NOT_AFFECTED,
    "affected": VendorStatus.AFFECTED,
    "fixed": VendorStatus.FIXED,
    "under_investigation": VendorStatus.UNDETERMINED,
    "will_not_fix": VendorStatus.WONT_FIX,
    "fix_deferred": VendorStatus.DEFERRED,
    "end_of_life": VendorStatus.END_OF_LIFE,
}

_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("alpine", "wolfi", "chainguard", "minimos"), "apk"),
    **dict.fromkeys(("debian", "ubuntu", "echo"), "deb"),
    **dict.fromkeys(
        (
            "redhat",
            "centos",
            "rocky",
            "alma",
            "amazon",
            "fedora",
            "oracle",
            "photon",
            "azurelinux",
            "cbl-mariner",
            "mariner",
        ),
        "rpm",
    ),
    **dict.fromkeys(
        (
            "opensuse",
            "opensuse-leap",
            "opensuse-tumbleweed",
            "suse linux enterprise server",
            "slem",
        ),
        "rpm",
    ),
    **dict.fromkeys(("python-pkg", "pip", "pipenv", "poetry", "uv"), "pypi"),
    **dict.fromkeys(("conda-pkg", "conda-environment"), "conda"),
    **dict.fromkeys(("node-pkg", "npm", "yarn", "pnpm", "bun"), "npm"),
    **dict.fromkeys(("gobinary", "gomod"), "golang"),
    **dict.fromkeys(("jar", "pom", "gradle", "sbt"), "maven"),
    **dict.fromkeys(("rustbinary", "cargo"), "cargo"),
}
"""Purl types by Trivy's result `Type`."""

_VECTORS = (("V40", "4.0"), ("V3", "3.1"), ("V2", "2.0"))


def is_trivy(document: Mapping[str, Any]) -> bool:
    """Return whether a JSON object is a Trivy report."""
    return "SchemaVersion" in document and "ArtifactName" in document


def read_trivy(document: Mapping[str, Any]) -> ForeignReport:
    """Read a report; unreadable entries are listed as problems."""
    problems = Problems()
    metadata = mapping(document.get("Metadata"))
    version = text(mapping(document.get("Trivy")).get("Version"))
    if document.get("SchemaVersion") != 2:  # noqa: PLR2004 — the only one since 2021
        problems.add(
            "SchemaVersion",
            f"expected 2, got {shown(document.get('SchemaVersion'))}; what could be read was read",
        )
    findings: list[Finding] = []
    packages: dict[ForeignPackage, None] = {}
    for number, result in enumerate(objects(document.get("Results"))):
        place, kind = f"Results[{number}]", _KINDS.get(text(result.get("Type")), "")
        packages.update((package, None) for package in _packages(result, kind))
        for index, raw in enumerate(items(result.get("Vulnerabilities"))):
            if len(findings) >= MAX_FINDINGS:
                problems.add(place, f"more than {MAX_FINDINGS} findings; the rest is not read")
                break
            finding = _finding(mapping(raw), kind, version)
            if finding is None:
                problems.add(f"{place}.Vulnerabilities[{index}]", "names no vulnerability")
                continue
            findings.append(finding)
        if hidden := len(items(result.get("ExperimentalModifiedFindings"))):
            problems.add(
                place, f"{hidden} findings were suppressed by trivy itself and are left out"
            )
    digests = (reference.partition("@")[2] for reference in texts(metadata.get("RepoDigests")))
    return ForeignReport(
        tool=TOOL,
        version=version,
        subject=text(document.get("ArtifactName")),
        digest=next((digest for digest in digests if digest), "") or text(metadata.get("ImageID")),
        created=text(document.get("CreatedAt")),
        findings=joined(findings),
        packages=tuple(packages),
        problems=problems.all(),
    )


def _packages(result: Mapping[str, Any], kind: str) -> Iterator[ForeignPackage]:
    for raw in objects(result.get("Packages")):
        purl = text(mapping(raw.get("Identifier")).get("PURL"))
        yield ForeignPackage(
            purl, kind, text(raw.get("Name")), text(raw.get("Version")), text(raw.get("FilePath"))
        )


def _finding(raw: Mapping[str, Any], kind: str, version: str) -> Finding | None:
    stated = text(raw.get("VulnerabilityID"))
    identifier, aliases = named((stated, *texts(raw.get("VendorIDs"))))
    if not stated:
        return None
    name, installed = text(raw.get("PkgName")), text(raw.get("InstalledVersion"))
    fixed = tuple(part.strip() for part in text(raw.get("FixedVersion")).split(",") if part.strip())
    status = _STATUS.get(
        text(raw.get("Status")), VendorStatus.FIXED if fixed else VendorStatus.AFFECTED
    )
    source = mapping(raw.get("DataSource"))
    feed = text(source.get("Name")) or text(source.get("ID"))
    where = f" in {text(raw.get('PkgPath'))}" if text(raw.get("PkgPath")) else ""
    return Finding(
        id=identifier,
        aliases=aliases,
        package=_purl(raw) or purl_from_parts(kind, name, installed),
        name=name,
        version=installed,
        matches=(
            Match(
                stated,
                f"{TOOL}: {feed}" if feed else TOOL,
                f"{TOOL} {version} lists {name} {installed}{where}".replace("  ", " "),
                status,
                fixed,
            ),
        ),
        status=status,
        fixed=fixed,
        severity=severity_word(text(raw.get("Severity"))),
        severity_source=TOOL,
        scores=tuple(_scores(mapping(raw.get("CVSS")))),
        summary=text(raw.get("Title")),
        published=text(raw.get("PublishedDate")),
        modified=text(raw.get("LastModifiedDate")),
        references=texts(raw.get("References")),
    )


def _purl(raw: Mapping[str, Any]) -> str:
    """Return the stated purl, or ""."""
    # Before Trivy 0.49, only `PkgRef` had it, and only for SBOMs.
    stated = text(mapping(raw.get("PkgIdentifier")).get("PURL")) or text(raw.get("PkgRef"))
    return stated if stated.startswith("pkg:") else ""


def _scores(raw: Mapping[str, Any]) -> Iterator[CvssScore]:
    for source, stated in sorted(raw.items()):
        for key, version in _VECTORS:
            vector = text(mapping(stated).get(f"{key}Vector"))
            exact = (
                vector.removeprefix("CVSS:").partition("/")[0]
                if vector.startswith("CVSS:")
                else version
            )
            if (
                score := cvss(source, exact, vector, mapping(stated).get(f"{key}Score"))
            ) is not None:
                yield score


def purl_from_parts(kind: str, name: str, version: str) -> str:
    """Return the purl of a package type, name and version, or "" without type or name.

    `name` is in the ecosystem's own form.
    """
    from packageurl import PackageURL

    if not (kind and name):
        return ""
    namespace, local = "", name
    if kind == "maven":
        namespace, _, local = name.rpartition(":")
    elif kind in {"npm", "golang"}:
        namespace, _, local = name.rpartition("/")
    try:
        return PackageURL(kind, namespace or None, local, version or None).to_string()
    except ValueError:
        return ""
