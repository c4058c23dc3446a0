"""What a package of the system brings: programs, Python distributions, data alone."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from careen.model.packages.package import Package
from careen.model.paths import name, parent
from careen.plan.core.dependencies import Dependencies
from careen.plan.core.listed import METADATA
from careen.plan.core.mechanism import Work
from careen.plan.core.scene import SYSTEM
from careen.plan.mechanisms.files.programs import may_be_elf

# From packages to what they depend on, in one image; a large one takes some ten thousand.
MAX_STEPS = 1_000_000


def source_of(package: Package) -> str:
    """Return the name of the source that a package was built from."""
    return package.source.partition("@")[0] or package.name


class PackageKinds:
    """Packages of one image with their kind, each looked at once."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.dependencies = Dependencies(work)
        self._programs: dict[str, bool] = {}
        self._distributions: dict[str, bool] = {}
        self._steps = MAX_STEPS

    def all(self) -> Iterator[Package]:
        """Yield the packages of the system."""
        for ecosystem in SYSTEM:
            yield from self._work.scene.packages(ecosystem)

    def has_programs(self, package: Package) -> bool:
        """Return whether a package brings a program or a library."""
        if package.purl not in self._programs:
            entries = (
                self._work.scene.rootfs.get(path)
                for path in package.files
                if path not in package.metadata
            )
            self._programs[package.purl] = any(
                entry is not None and may_be_elf(entry) for entry in entries
            )
        return self._programs[package.purl]

    def is_distribution(self, package: Package) -> bool:
        """Return whether a package brings a Python distribution."""
        if package.purl not in self._distributions:
            records = (path for path in package.files if name(path) in METADATA)
            self._distributions[package.purl] = any(
                name(parent(path)).endswith((".dist-info", ".egg-info")) for path in records
            )
        return self._distributions[package.purl]

    def is_data(self, package: Package) -> bool:
        """Return whether a package brings data alone."""
        # Which Python distributions are needed their imports say.
        return not self.has_programs(package) and not self.is_distribution(package)

    def needed_by(self, package: Package) -> Iterator[Package]:
        """Yield what a package depends on directly; nothing after `MAX_STEPS` packages."""
        return self._counted(self.dependencies.of(package))

    @cached_property
    def dependants(self) -> Mapping[str, Sequence[Package]]:
        """The packages that depend directly on one, by its purl."""
        out: dict[str, list[Package]] = {}
        for package in self.all():
            for needed in self.needed_by(package):
                out.setdefault(needed.purl, []).append(package)
        return out

    @cached_property
    def _of_source(self) -> Mapping[str, Sequence[Package]]:
        out: dict[str, list[Package]] = {}
        for package in self.all():
            out.setdefault(source_of(package), []).append(package)
        return out

    def around(self, package: Package) -> Iterator[Package]:
        """Yield the packages of the same source, and those that depend on one of them directly."""
        seen: set[str] = set()
        for sibling in self._of_source.get(source_of(package), ()):
            for each in (sibling, *self.dependants.get(sibling.purl, ())):
                if each.purl not in seen:
                    seen.add(each.purl)
                    yield each

    def partners_of(self, package: Package) -> Iterator[Package]:
        """Yield what a package depends on, recommends or suggests; bounded as `needed_by`."""
        return self._counted(self.dependencies.partners(package))

    def _counted(self, steps: Iterator[Package]) -> Iterator[Package]:
        for step in islice(steps, self._steps):
            self._steps -= 1
            yield step
