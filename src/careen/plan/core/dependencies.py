"""Packages that are kept whole, and the dependencies between packages."""

from collections.abc import Iterable, Iterator, Mapping

from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath
from careen.model.plan import Reason
from careen.plan.core.mechanism import Work


def providers(inventory: Inventory) -> Mapping[tuple[Ecosystem, str], tuple[Package, ...]]:
    """Return the packages for each name: first the one of that name, then those that provide it."""
    out: dict[tuple[Ecosystem, str], dict[str, Package]] = {}
    packages = [package for _, package in sorted(inventory.packages.items())]
    for package in reversed(packages):
        out.setdefault((package.ecosystem, package.name), {})[package.purl] = package
    for package in packages:
        for item in package.provides:
            out.setdefault((package.ecosystem, item.split("(")[0].strip()), {}).setdefault(
                package.purl, package
            )
    return {key: tuple(value.values()) for key, value in out.items()}


def alternatives(group: str) -> tuple[str, ...]:
    """Return the names in a dependency group (`a|b`), without versions or other qualifiers."""
    return tuple(
        item.split("(")[0].split("[")[0].strip().partition(":")[0]
        for item in group.split("|")
        if item.strip()
    )


class Dependencies:
    """Keeper of whole packages.

    The first installed alternative of a dependency group stands for the group.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._whole: set[str] = set()
        self.providers = providers(work.scene.inventory)

    def of(self, package: Package) -> Iterator[Package]:
        """Yield the installed packages that a package depends on directly."""
        yield from self._installed(package, package.depends)

    def partners(self, package: Package) -> Iterator[Package]:
        """Yield the installed packages that a package depends on, recommends or suggests."""
        yield from self._installed(package, (*package.depends, *package.recommends))

    def _installed(self, package: Package, groups: Iterable[str]) -> Iterator[Package]:
        for group in groups:
            for alternative in alternatives(group):
                found = self.providers.get((package.ecosystem, alternative), ())
                if found:
                    yield from found
                    break

    def named(self, names: Iterable[str]) -> Iterator[Package]:
        """Yield the installed packages of these names, in any ecosystem."""
        for item in names:
            for ecosystem in Ecosystem:
                yield from (
                    package
                    for package in self.providers.get((ecosystem, item), ())
                    if package.name == item
                )

    def keep_whole(
        self,
        package: Package,
        because: ImagePath | None,
        code: str = "package",
        detail: str = "",
        spared: frozenset[str] = frozenset(),
    ) -> None:
        """Keep every file of a package and, transitively, of its dependencies.

        `spared` are the ids of drop rules that apply here too.
        """
        queue: list[tuple[Package, str]] = [(package, detail or f"{package.name} is kept whole")]
        while queue:
            current, why = queue.pop(0)
            if current.purl in self._whole:
                continue
            self._whole.add(current.purl)
            for path in current.files:
                if self._work.dropped.get(path) not in spared:
                    self._work.keeping.add(path, Reason(code, why, because))
            queue.extend(
                (needed, f"{needed.name}, which {current.name} depends on")
                for needed in self.of(current)
            )
