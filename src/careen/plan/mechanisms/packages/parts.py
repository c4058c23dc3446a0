"""Packages that are parts of one program: of one source, with libraries in one directory."""

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from careen.model.packages.package import Package
from careen.model.paths import ImagePath, name, parent
from careen.plan.core.system_directories import is_shared
from careen.plan.mechanisms.files.programs import is_loadable
from careen.plan.mechanisms.packages.package_kinds import PackageKinds, source_of


class Parts:
    """The other parts of a program or library that is kept, each found once."""

    def __init__(self, kinds: PackageKinds) -> None:
        self._kinds = kinds
        self._done: set[tuple[ImagePath, str]] = set()

    def of(self, package: Package, path: ImagePath) -> Iterator[tuple[Package, str]]:
        """Yield the packages of the same source with libraries beside a path, and why they stay."""
        directory, source = parent(path), source_of(package)
        if is_shared(directory) or (directory, source) in self._done:
            return
        self._done.add((directory, source))
        for other in self._beside.get((directory, source), ()):
            yield other, f"a part of {source}, with libraries in {directory}"

    @cached_property
    def _beside(self) -> Mapping[tuple[ImagePath, str], Collection[Package]]:
        """The packages with libraries in a directory of their own, by that and their source."""
        out: dict[tuple[ImagePath, str], dict[str, Package]] = {}
        for package in self._kinds.all():
            for path in package.files:
                if is_loadable(name(path)) and not is_shared(parent(path)):
                    out.setdefault((parent(path), source_of(package)), {})[package.purl] = package
        return {key: tuple(found.values()) for key, found in out.items()}
