"""What checks read: an open image and what is known of it."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from careen.compliance.accounts import Accounts, read_accounts
from careen.compliance.identity import RunsAs, runs_as
from careen.compliance.tool_names import without_version
from careen.model.compliance.result import Evidence
from careen.model.compliance.secrets import SecretScan
from careen.model.cryptography.module import CryptoInventory
from careen.model.entry import Entry
from careen.model.findings.triage import ScanReport
from careen.model.image import ImageConfig
from careen.model.packages.file_digest import FileDigest
from careen.model.packages.package import Inventory
from careen.model.paths import name, parent
from careen.model.rbom import ImageRef, RuntimeBom
from careen.oci.image import Image
from careen.oci.tree.rootfs import Rootfs

_PROGRAM_FOLDERS = frozenset(
    f"{top}/{folder}" for top in ("", "/usr", "/usr/local") for folder in ("bin", "sbin")
)
_SCRIPTS = ("/etc/", "/usr/share/")  # scripts here are named as what they are about
_NO_PROGRAMS = "/usr/lib/apt/methods/"  # programs here are named as protocols
TEXT_LIMIT = 1 << 20  # bytes of one configuration file; the largest of Debian has 90 kB


@dataclass(frozen=True)
class Subject:
    """An image, and the evidence about it.

    `findings` and `rbom` are None if there is no database or no RBOM, `secrets` and `cryptography`
    if nobody searched for them; `today` is the day of the assessment. `documents` are the names of
    what its evidence directory holds (SBOM, statements), None without one.
    `findings` and `rbom` are None if there is no database or no RBOM; `today` is the day of the
    assessment. `recorded` yields the digests
    of rpm's database.
    """

    image: Image
    rootfs: Rootfs
    inventory: Inventory
    today: dt.date
    rbom: RuntimeBom | None = None
    findings: ScanReport | None = None
    documents: frozenset[str] | None = None
    secrets: SecretScan | None = None
    cryptography: CryptoInventory | None = None
    recorded: Callable[[], Iterator[FileDigest]] = lambda: iter(())

    @property
    def config(self) -> ImageConfig:
        return self.image.config

    @property
    def ref(self) -> ImageRef:
        return self.image.ref

    @cached_property
    def accounts(self) -> Accounts:
        """The account files. Raises ImageError for a file that is too large."""
        return read_accounts(self.rootfs)

    @cached_property
    def programs(self) -> Mapping[str, tuple[Entry, ...]]:
        """Executable files by the last part of their path, links that lead to one included."""
        found: dict[str, list[Entry]] = {}
        for entry in self.rootfs:
            if entry.path.startswith(_NO_PROGRAMS):
                continue
            if (entry.is_executable and not self._is_passed_over(entry)) or (
                entry.is_symlink and self._is_program(entry)
            ):
                found.setdefault(name(entry.path), []).append(entry)
        return {key: tuple(entries) for key, entries in found.items()}

    @cached_property
    def versioned(self) -> Mapping[str, tuple[str, ...]]:
        """Names of `programs` with a version or target in them, by the name without it."""
        found: dict[str, list[str]] = {}
        for full in self.programs:
            if (short := without_version(full)) != full:
                found.setdefault(short, []).append(full)
        return {key: tuple(names) for key, names in found.items()}

    def _is_passed_over(self, entry: Entry) -> bool:
        if not entry.path.startswith(_SCRIPTS):
            return False
        with self.rootfs.open(entry.path) as stream:
            return stream.read(2) == b"#!"

    def _is_program(self, entry: Entry) -> bool:
        # Only where programs are looked up: an image has thousands of links to libraries.
        if parent(entry.path) not in _PROGRAM_FOLDERS:
            return False
        final = self.rootfs.walk(entry.path).final
        return final is not None and final.is_executable

    @cached_property
    def user(self) -> RunsAs | None:
        """The ids that the image runs as, None if its account files do not settle them."""
        return runs_as(self.config.user, self.accounts)

    def text(self, path: str) -> str | None:
        """Return a text file of the image, links followed, or None if there is none.

        Raises ImageError if it is larger than TEXT_LIMIT.
        """
        entry = self.rootfs.find(path)
        if entry is None or not entry.is_file:
            return None
        return self.rootfs.read(entry.path, TEXT_LIMIT).decode("utf-8", "replace")

    def content_evidence(self, path: str, value: str) -> Evidence:
        """Return evidence of a file with the digest of its content."""
        entry = self.rootfs.find(path)
        if entry is None or not entry.is_file or entry.size > TEXT_LIMIT:
            return Evidence(path, value)
        data = self.rootfs.read(entry.path, TEXT_LIMIT)
        return Evidence(str(entry.path), value, f"sha256:{hashlib.sha256(data).hexdigest()}")
