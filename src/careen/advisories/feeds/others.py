"""Recognition of documents that are not advisory feeds, for clear messages."""

from collections.abc import Callable, Mapping
from typing import Any

from careen.advisories.feeds.port import Head

VEX = "a VEX document, not an advisory feed: give it to `careen scan --vex`"


def known_non_feed(head: Head) -> str | None:
    """Return what the document is, or None if it is not known."""
    value = head.value[0] if isinstance(head.value, list) and head.value else head.value
    if isinstance(value, dict):
        return next((words for words, holds in _OBJECTS.items() if holds(value)), None)
    if head.data.startswith((b"SQLite format 3\0", b"\x5c\x2a\x4d\x18")):
        return "a database or an export of one: import it by its own name"
    if head.data[:1] == b"#" and b"\0" not in head.data:
        return "a text for people"
    return None


def looks_like(head: Head) -> str:
    """Return a short description of an unknown document."""
    if head.value is not None:
        kind = "JSON lines" if head.lines else "JSON"
        value = head.value[0] if isinstance(head.value, list) and head.value else head.value
        keys = (
            ", ".join(repr(key)[:30] for key in list(value)[:4]) if isinstance(value, dict) else ""
        )
        return f"{kind} with {keys}" if keys else kind
    if not head.data:
        return "an empty file"
    if b"\0" in head.data[:4096]:
        return f"binary data ({head.data[:4].hex(' ')} …)"
    return f"text ({head.data.splitlines()[0][:40].decode('utf-8', 'replace')!r} …)"


def _openvex(value: Mapping[str, Any]) -> bool:
    return "openvex" in str(value.get("@context", "")) and "statements" in value


def _csaf(value: Mapping[str, Any]) -> bool:
    document = value.get("document")
    return isinstance(document, dict) and (
        "csaf_version" in document or str(document.get("category", "")).startswith("csaf")
    )


def _cyclonedx(value: Mapping[str, Any]) -> bool:
    return value.get("bomFormat") == "CycloneDX"


def _provenance(value: Mapping[str, Any]) -> bool:
    """Return whether it maps source package, CVE and release to a `basis`."""
    inner: object = value
    for _ in range(3):
        inner = next(iter(inner.values()), None) if isinstance(inner, dict) else None
    return isinstance(inner, dict) and "basis" in inner and "sources" in inner


def _observation(value: Mapping[str, Any]) -> bool:
    return "installed" in value and "report" in value and "tool" in value


def _report_list(value: Mapping[str, Any]) -> bool:
    return "artifact" in value and "findings" in value and "tool" in value


def _scanner_report(value: Mapping[str, Any]) -> bool:
    return "Results" in value or ("matches" in value and "source" in value) or "runs" in value


CSAF = (
    "a CSAF document of a vendor whose CSAF is not read as a feed: give it to `careen scan --vex`"
)
_OBJECTS: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    VEX: _openvex,
    CSAF: _csaf,
    "a CycloneDX document, not an advisory feed": _cyclonedx,
    "where the entries of a rebuilt tracker come from, not advisories": _provenance,
    "what a scanner found in images, not advisories": _observation,
    "a list of scanners' reports, not advisories": _report_list,
    "a scanner's report, not advisories: give it to `careen scan --report`": _scanner_report,
}
