"""Interface of the ecosystems' finders."""

from dataclasses import dataclass
from typing import Protocol

from careen.model.packages.model_file import ModelFile
from careen.model.packages.package import Marker, Package, Unknown
from careen.oci.tree.rootfs import Rootfs


@dataclass(frozen=True, slots=True)
class Found:
    """The results of one ecosystem, packages in the order of their records.

    Two packages may share a purl; the scan qualifies the second.
    """

    packages: tuple[Package, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    models: tuple[ModelFile, ...] = ()
    markers: tuple[Marker, ...] = ()


class PackageFinder(Protocol):
    """One ecosystem: a module with a `find`."""

    def find(self, rootfs: Rootfs) -> Found:
        """Return every package of the ecosystem.

        Never raises for an image's content: unreadable content gives an `Unknown`.
        """
