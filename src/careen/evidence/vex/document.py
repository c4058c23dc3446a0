"""A VEX document as it was read."""

from dataclasses import dataclass

from careen.model.vex import VexStatement


@dataclass(frozen=True, slots=True)
class VexDocument:
    """`format` is the format with its version (`OpenVEX 0.2.0`, `CSAF 2.0`, `CycloneDX 1.5`);
    `timestamp` RFC 3339 or "".

    `statements` in the document's order, each with its document's author and its own time (the
    document's where it has none). `problems` says what could not be used, with its place
    (`statements[3]: status 'maybe' is none of OpenVEX's`).
    """

    id: str
    author: str
    timestamp: str
    format: str
    statements: tuple[VexStatement, ...]
    problems: tuple[str, ...] = ()
