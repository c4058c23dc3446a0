"""The files of an evidence directory, and the format of each (docs/evidence.md)."""

from collections.abc import Mapping

MANIFEST = "manifest.json"
ATTESTATIONS = "attestations"

FORMATS: Mapping[str, str] = {
    "summary.json": "careen-summary 1",
    "verify.json": "careen-verify 1",
    "plan.json": "careen.plan 1",
    "index.json": "careen.index 2",
    "rbom.json": "careen.rbom 1",
    "adequacy.json": "careen-adequacy 1",
    "findings.json": "careen.scan 1",
    "findings-hardened.json": "careen.scan 1",
    "patch.json": "careen-patch 1",
    "rbom.cdx.json": "CycloneDX 1.6",
    "sbom.cdx.json": "CycloneDX 1.6",
    "sbom.spdx.json": "SPDX 2.3",
    "vex.openvex.json": "OpenVEX 0.2.0",
    "report.html": "HTML",
    "report.md": "Markdown",
}
_BY_ENDING = {".log": "text", ".json": "JSON", ".md": "Markdown", ".html": "HTML"}


def format_of(path: str) -> str:
    """Return the name of a file's format, "" if it is not known."""
    if path in FORMATS:
        return FORMATS[path]
    return next((kind for ending, kind in _BY_ENDING.items() if path.endswith(ending)), "")
