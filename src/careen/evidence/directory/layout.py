"""The files of an evidence directory, and the format of each (docs/evidence.md)."""

from collections.abc import Mapping
from dataclasses import dataclass

MANIFEST = "manifest.json"
ATTESTATIONS = "attestations"


@dataclass(frozen=True, slots=True)
class Format:
    """A format in words, and the member of a document's JSON object that states it, with its value.

    Both are "" for what is not such an object.
    """

    words: str
    member: str = ""
    value: str = ""


def _own(name: str, version: int) -> Format:
    return Format(f"{name} {version}", "format", name)


FORMATS: Mapping[str, Format] = {
    "summary.json": _own("careen-summary", 1),
    "verify.json": _own("careen-verify", 1),
    "plan.json": _own("careen.plan", 1),
    "index.json": _own("careen.index", 2),
    "rbom.json": _own("careen.rbom", 1),
    "adequacy.json": _own("careen-adequacy", 1),
    "findings.json": _own("careen.scan", 1),
    "findings-hardened.json": _own("careen.scan", 1),
    "patch.json": _own("careen-patch", 1),
    "comply.json": _own("careen-comply", 1),
    "base-lock.json": _own("careen.base-lock", 1),
    "contract.json": _own("careen-contract", 1),
    "provenance.json": Format("SLSA provenance 1"),
    "fips.json": _own("careen-fips", 1),
    "cbom.cdx.json": Format("CycloneDX 1.6", "bomFormat", "CycloneDX"),
    "rbom.cdx.json": Format("CycloneDX 1.6", "bomFormat", "CycloneDX"),
    "sbom.cdx.json": Format("CycloneDX 1.6", "bomFormat", "CycloneDX"),
    "sbom.spdx.json": Format("SPDX 2.3", "spdxVersion", "SPDX-2.3"),
    "vex.openvex.json": Format("OpenVEX 0.2.0", "@context", "https://openvex.dev/ns/v0.2.0"),
    "compose.hardened.yaml": Format("compose file"),
    "report.html": Format("HTML"),
    "report.md": Format("Markdown"),
}
_BY_ENDING = {".log": "text", ".json": "JSON", ".md": "Markdown", ".html": "HTML"}


def format_of(path: str) -> str:
    """Return the name of a file's format, "" if it is not known."""
    if path in FORMATS:
        return FORMATS[path].words
    return next((kind for ending, kind in _BY_ENDING.items() if path.endswith(ending)), "")
