"""The port behind which each ecosystem stands."""

from dataclasses import dataclass
from typing import Protocol

from careen.model.model_file import ModelFile
from careen.model.package import Marker, Package, Unknown
from careen.oci.rootfs import Rootfs


@dataclass(frozen=True, slots=True)
class Found:
    """What one ecosystem found. `packages` in the order of their records; two may share a purl (the
    scan tells them apart).
    """

    packages: tuple[Package, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    models: tuple[ModelFile, ...] = ()
    markers: tuple[Marker, ...] = ()


class PackageFinder(Protocol):
    """One ecosystem: a module with a `find`."""

    def find(self, rootfs: Rootfs) -> Found:
        """Return every package of the ecosystem. What cannot be read is an `Unknown`; nothing that
        an image holds makes it raise.
        """
