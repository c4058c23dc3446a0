"""A VEX document as read."""

from dataclasses import dataclass

from careen.model.findings.vex import VexStatement


@dataclass(frozen=True, slots=True)
class VexDocument:
    """A VEX document.

    `format` includes the version (`OpenVEX 0.2.0`, `CSAF 2.0`, `CycloneDX 1.5`); `timestamp` is RFC
    3339 or "". `statements` are in the document's order, each with the document's author and its
    own time, or the document's. `problems` lists what could not be used, with its place
    (`statements[3]: status 'maybe' is none of OpenVEX's`).
    """

    id: str
    author: str
    timestamp: str
    format: str
    statements: tuple[VexStatement, ...]
    problems: tuple[str, ...] = ()
