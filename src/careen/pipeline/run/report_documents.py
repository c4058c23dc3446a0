"""The documents of a report directory, read within bounds, each by its known format."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from careen.errors import ConfigError, InputError
from careen.evidence.directory.layout import ATTESTATIONS, FORMATS, MANIFEST, format_of
from careen.evidence.directory.manifest import (
    MAX_MANIFEST,
    FileRecord,
    Manifest,
    read_manifest,
)
from careen.formats.json_document import parse_object
from careen.tools.read_file import parse_file, read_file

SUMMARY, VERIFY, ADEQUACY = "summary.json", "verify.json", "adequacy.json"
FINDINGS = "findings-hardened.json"
PLAN, RBOM, INDEX = "plan.json", "rbom.json", "index.json"
LOCK, PROVENANCE, SCAN, CONTRACT = (
    "base-lock.json",
    "provenance.json",
    "findings.json",
    "contract.json",
)
SBOM, SPDX, VEX = "sbom.cdx.json", "sbom.spdx.json", "vex.openvex.json"
MAX_DOCUMENT = 1 << 30


@dataclass(frozen=True, slots=True)
class ReportDocuments:
    """A report directory; `records` has each file that was read, by its path below it."""

    directory: Path
    records: dict[str, FileRecord] = field(default_factory=dict)

    @property
    def digests(self) -> Mapping[str, str]:
        """The SHA-256 (hex) of each file that was read."""
        return {name: record.sha256 for name, record in self.records.items()}

    def all_files(self) -> None:
        """Take the record of every file, without the manifest and the attestations.

        Raises InputError for a link or another special file: what it leads to could change.
        """
        for name in self.names():
            if name != MANIFEST and not name.startswith(f"{ATTESTATIONS}/"):
                self.note(name)

    def require_plain(self) -> None:
        """Raise InputError for a link or another special file below the directory."""
        # A pipe in place of a document would be read for ever.
        for _ in self.names():
            pass

    def names(self) -> Iterator[str]:
        """Yield the path of every file below the directory. Raises InputError as `all_files`."""
        for folder, folders, files in os.walk(self.directory):
            here = Path(folder)
            for name in (*folders, *files):
                path = here / name
                if path.is_symlink() or not (path.is_file() or path.is_dir()):
                    msg = f"{str(path)!r}: neither a file nor a directory; remove it"
                    raise InputError(msg)
            yield from (str((here / name).relative_to(self.directory)) for name in files)

    def manifest(self) -> Manifest:
        """Return the manifest. Raises ConfigError for one that is missing or damaged."""
        return parse_file(self.directory / MANIFEST, MAX_MANIFEST, read_manifest)

    @property
    def is_base(self) -> bool:
        """Whether `careen base build` left the directory, with packages as the source."""
        names = (LOCK, PROVENANCE, MANIFEST)
        return (
            all((self.directory / name).is_file() for name in names)
            and not (self.directory / SUMMARY).is_file()
        )

    def require_finished(self, *, bases: bool = False) -> None:
        """Raise InputError if no run that finished left this directory, or it holds a link.

        With `bases`, the report of a base that was built from packages will do.
        """
        if not (self.directory / SUMMARY).is_file() and not (bases and self.is_base):
            base = f" or `careen base build` (no {LOCK})" if bases else ""
            msg = (
                f"{str(self.directory)!r} is not the report of a finished `careen harden` (it has"
                f" no {SUMMARY}){base}; name the directory that --report-dir named, or a newer one"
                " in careen-out/"
            )
            raise InputError(msg)
        self.require_plain()

    def document(self, name: str) -> Mapping[str, Any]:
        """Return a document. Raises ConfigError for one that is missing or another."""
        known = FORMATS[name]
        path = self.directory / name
        if path.is_symlink() or not path.is_file():
            msg = f"{path}: missing, or not a file; name the directory of a whole run"
            raise ConfigError(msg)
        data = read_file(path, MAX_DOCUMENT)
        found = parse_object(data, str(path), ConfigError)
        if known.member and found.get(known.member) != known.value:
            msg = f"{path}: not a document of the format {known.value}"
            raise ConfigError(msg)
        self.records[name] = FileRecord.of(name, data)
        return found

    def summary(self) -> Mapping[str, Any]:
        """Return the summary, with the places of the manifest: the result may have got more since.

        Raises as `document` and `manifest`.
        """
        found = self.document(SUMMARY)
        if not (self.directory / MANIFEST).is_file():
            return found
        return {**found, "promoted": list(self.manifest().promoted)}

    def optional(self, name: str) -> Mapping[str, Any] | None:
        """Return a document that a run does not always write, or None."""
        return self.document(name) if (self.directory / name).is_file() else None

    def note(self, name: str) -> None:
        """Take the record of a file, unless it was read already. Raises ConfigError."""
        if name in self.records:
            return
        path = self.directory / name
        try:
            with path.open("rb") as stream:  # a log may be larger than the memory
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
                self.records[name] = FileRecord(name, digest, stream.tell(), format_of(name))
        except OSError as error:
            msg = f"{path}: cannot be read: {error.strerror}"
            raise ConfigError(msg) from error
