"""What checks read: an open image and what is known of it."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

from careen.compliance.accounts import Accounts, read_accounts
from careen.model.compliance.result import Evidence
from careen.model.findings.triage import ScanReport
from careen.model.image import ImageConfig
from careen.model.packages.package import Inventory
from careen.model.rbom import ImageRef, RuntimeBom
from careen.oci.image import Image
from careen.oci.tree.rootfs import Rootfs

TEXT_LIMIT = 1 << 20  # bytes of one configuration file; the largest of Debian has 90 kB


@dataclass(frozen=True)
class Subject:
    """An image, and the evidence about it.

    `findings` and `rbom` are None if there is no database or no RBOM. `documents` are the names of
    what its evidence directory holds (SBOM, statements), None without one.
    """

    image: Image
    rootfs: Rootfs
    inventory: Inventory
    rbom: RuntimeBom | None = None
    findings: ScanReport | None = None
    documents: frozenset[str] | None = None

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
