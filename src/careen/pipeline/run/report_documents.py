"""The documents of a report directory, read within bounds, each by its known format."""

import hashlib
import os
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

    def all_files(self, but: str) -> None:
        """Take the digest of every file below the directory, except those in the folder `but`.

        Raises InputError for a link or another special file: what it leads to could change.
        """
        for folder, folders, files in os.walk(self.directory):
            here = Path(folder)
            if here == self.directory and but in folders:
                folders.remove(but)
            for name in (*folders, *files):
                path = here / name
                if path.is_symlink() or not (path.is_file() or path.is_dir()):
                    msg = f"{str(path)!r}: neither a file nor a directory; remove it"
                    raise InputError(msg)
            for name in files:
                self.note(str((here / name).relative_to(self.directory)))

    def require_same(self, summary: Mapping[str, Any]) -> None:
        """Raise InputError if a file that was read is not the one that the summary names."""
        named = summary.get("documents")
        for name, digest in self.digests.items():
            if isinstance(named, dict) and name != SUMMARY and named.get(name, digest) != digest:
                msg = (
                    f"{str(self.directory / name)!r} is not the one that {SUMMARY} names: it was"
                    " changed, or is of another run; harden it again"
                )
                raise InputError(msg)

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
        if path.is_symlink() or not path.is_file():
            msg = f"{path}: missing, or not a file; name the directory of a whole run"
            raise ConfigError(msg)
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
        """Take the digest of a file, unless it was read already. Raises ConfigError."""
        if name not in self.digests:
            data = read_file(self.directory / name, MAX_DOCUMENT)
            self.digests[name] = hashlib.sha256(data).hexdigest()
