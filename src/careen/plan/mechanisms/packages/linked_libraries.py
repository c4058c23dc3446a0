"""Versioned libraries of a package, which others link with."""

import re
from collections.abc import Iterator

from careen.model.packages.package import Package
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Level, Reason
from careen.plan.core.mechanism import Work
from careen.plan.core.system_directories import is_shared
from careen.plan.mechanisms.files.programs import is_loadable

_LOADER = re.compile(r"ld-(?:linux|musl)[\w.-]*\.so\.\d|libc\.so\.\d")
_VERSIONED = re.compile(r"\.so\.\d")
_STEM = re.compile(r"lib[A-Za-z_]+")


def _only_linked(package: Package) -> Iterator[ImagePath]:
    """Yield the libraries that stay only if something links, opens or names them."""
    # Of the C library all stay.
    if not any(_LOADER.match(name(path)) for path in package.files):
        yield from (
            path
            for path in package.files
            if _VERSIONED.search(name(path)) is not None and is_shared(parent(path))
        )


class LinkedLibraries:
    """Holds the versioned libraries of a package back until something tells which are needed."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._held: dict[str, dict[ImagePath, Reason]] = {}

    def hold(self, package: Package, reason: Reason) -> frozenset[ImagePath]:
        """Return the paths of a package that stay out for now."""
        if self._work.scene.level is Level.PACKAGE:
            return frozenset()
        self._held[package.purl] = dict.fromkeys(_only_linked(package), reason)
        return frozenset(self._held[package.purl])

    def give_alike(self, package: Package, path: ImagePath) -> None:
        """Give back the libraries of a package whose names begin as that of a kept one."""
        # It may open them by a name that it puts together.
        held = self._held.get(package.purl)
        stem = _STEM.match(name(path)) if held and is_loadable(name(path)) else None
        if held and stem is not None:
            held.pop(path, None)
            for item in [item for item in held if name(item).startswith(stem[0])]:
                self._work.add_broadly(item, held.pop(item))

    def give_all(self) -> None:
        """Give back all libraries of each package of which none is kept."""
        # Then nothing tells how they are opened.
        reasons = self._work.keeping.reasons
        for purl, held in self._held.items():
            if held and not any(
                path in reasons for path in _only_linked(self._work.scene.inventory.packages[purl])
            ):
                for path, reason in held.items():
                    self._work.add_broadly(path, reason)
                held.clear()
