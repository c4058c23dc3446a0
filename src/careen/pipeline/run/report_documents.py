"""The documents of a report directory, read within bounds, each by its known format."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from careen.errors import ConfigError, InputError
from careen.formats.json_document import parse_object
from careen.tools.read_file import read_file

SUMMARY, VERIFY, ADEQUACY = "summary.json", "verify.json", "adequacy.json"
FINDINGS = "findings-hardened.json"
PLAN, RBOM, INDEX = "plan.json", "rbom.json", "index.json"
SBOM, VEX = "sbom.cdx.json", "vex.openvex.json"
MAX_DOCUMENT = 1 << 30
_FORMATS = {
    SUMMARY: ("format", "careen-summary"),
    VERIFY: ("format", "careen-verify"),
    ADEQUACY: ("format", "careen-adequacy"),
    FINDINGS: ("format", "careen.scan"),
    RBOM: ("format", "careen.rbom"),
    SBOM: ("bomFormat", "CycloneDX"),
    VEX: ("@context", "https://openvex.dev/ns/v0.2.0"),
}


@dataclass(frozen=True, slots=True)
class ReportDocuments:
    """A report directory; `digests` has the SHA-256 (hex) of each file that was read."""

    directory: Path
    digests: dict[str, str] = field(default_factory=dict)

    def require_finished(self) -> None:
        """Raise InputError if no run that finished left this directory."""
        if not (self.directory / SUMMARY).is_file():
            msg = (
                f"{str(self.directory)!r} is not the report of a finished `careen harden`: it has"
                f" no {SUMMARY}; name the directory that --report-dir named, or a newer one in"
                " careen-out/"
            )
            raise InputError(msg)

    def document(self, name: str) -> Mapping[str, Any]:
        """Return a document. Raises ConfigError for one that is missing or another."""
        key, kind = _FORMATS[name]
        path = self.directory / name
        data = read_file(path, MAX_DOCUMENT)
        found = parse_object(data, str(path), ConfigError)
        if found.get(key) != kind:
            msg = f"{path}: not a document of the format {kind}"
            raise ConfigError(msg)
        self.digests[name] = hashlib.sha256(data).hexdigest()
        return found

    def optional(self, name: str) -> Mapping[str, Any] | None:
        """Return a document that a run does not always write, or None."""
        return self.document(name) if (self.directory / name).is_file() else None

    def note(self, name: str) -> None:
        """Take the digest of a file that another reader reads. Raises ConfigError."""
        data = read_file(self.directory / name, MAX_DOCUMENT)
        self.digests[name] = hashlib.sha256(data).hexdigest()
