"""Distributions that the image's owner asked to have installed."""

from collections.abc import Container, Iterator, Mapping, Sequence

from careen.model.entry import Entry
from careen.model.packages.package import Package
from careen.model.paths import ImagePath, name, parent
from careen.plan.core.mechanism import Work
from careen.plan.mechanisms.python.requirements import Requirements
from careen.plan.scanners.imports import imported


def is_requested(package: Package) -> bool:
    """Return whether the image's owner asked for a distribution (PEP 376, REQUESTED)."""
    return any(name(path) == "REQUESTED" for path in package.metadata)


class Requested:
    """Finds requested distributions (PEP 376, REQUESTED) among the imports of unreached sources.

    Each source is searched once.
    """

    # A library's test client or exporter imports what the library does not require. Who installs
    # that by name means to use it, and often from outside of the application.

    def __init__(self, work: Work, packages: Sequence[Package]) -> None:
        self._work = work
        self._all = tuple(each for each in packages if _is_in_a_site(each))
        self._packages = tuple(filter(is_requested, packages))
        self._searched: set[ImagePath] = set()

    def imported_by(
        self, sources: Mapping[ImagePath, Entry], kept: Container[str]
    ) -> Iterator[tuple[Package, ImagePath]]:
        """Yield each requested distribution that is not `kept` (purls), and a source that imports
        it.
        """
        wanted = {
            module.partition(".")[0]: package
            for package in self._packages
            if package.purl not in kept
            for module in package.modules
        }
        words = [module.encode("utf-8", "surrogateescape") for module in wanted]
        new = sorted(sources.keys() - self._searched) if words else []
        self._searched.update(new)
        for path in new:
            text = self._work.scene.text(sources[path])
            if any(word in text for word in words):
                for module in sorted(imported(text) & wanted.keys()):
                    yield wanted[module], path

    def not_in(self, kept: Container[str]) -> Iterator[Package]:
        """Yield each requested distribution that is not `kept` (purls).

        A copy inside another distribution (`setuptools/_vendor`) was asked for by nobody here.
        """
        for package in self._packages:
            if package.purl not in kept and _is_in_a_site(package):
                yield package

    def of_their_own(self, requirements: Requirements) -> tuple[Package, ...]:
        """Return what the image's owner means to use.

        Where marks tell what was asked for, these; else what no other distribution requires.
        """
        required = {each.purl for package in self._all for each in requirements.all(package)}
        marked = tuple(filter(is_requested, self._all))
        # Some installers mark all that they install, and others nothing.
        if any(each.purl in required and not is_requested(each) for each in self._all) and marked:
            return marked
        return tuple(each for each in marked or self._all if each.purl not in required)


def _is_in_a_site(package: Package) -> bool:
    return name(parent(parent(package.record))).endswith("-packages")
