"""What a new version of a Node package allows for the findings of its direct dependencies."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from careen.formats.versions.semver import NPM
from careen.model.patching import Aim
from careen.patch.closing import closed_by
from careen.patch.npm.plan import Planner
from careen.patch.npm.ranges import satisfies
from careen.patch.npm.tree import Node


class Worth:
    """Counts the findings of a package's dependencies that a version of it lets close.

    `aims` are by place; `usable` returns a package's newer versions that may be used.
    """

    def __init__(
        self, planner: Planner, aims: Mapping[str, Aim], usable: Callable[[Node], Sequence[str]]
    ) -> None:
        self._planner = planner
        self._aims = aims
        self._usable = usable
        self._closing: dict[str, tuple[tuple[str, int], ...]] = {}

    def of(self, node: Node, version: str) -> int:
        """Return the count for a version of a package that no upgrade has changed yet."""
        manifest = self._planner.registry.published(node.name, version).manifest
        wants = Node(node.place, manifest).wants()
        return sum(
            self._most(there, [*self._pins_of_others(node, there), wants.get(name, "*")])
            for name, there in self._open_below(node)
        )

    def _open_below(self, node: Node) -> Iterator[tuple[str, Node]]:
        """Yield the direct dependencies with findings that no upgrade has changed."""
        for name in node.wants():
            there = self._planner.tree.resolve(node.place, name)
            if there is not None and there.place in self._aims and not there.changed:
                yield name, there

    def _pins_of_others(self, node: Node, there: Node) -> Iterator[str]:
        """Yield the ranges of a dependency's other dependents.

        Those that the package itself depends on change with it, and do not count.
        """
        tree = self._planner.tree
        found = (tree.resolve(node.place, name) for name in node.wants())
        along = {node.place, *(each.place for each in found if each is not None)}
        for other, spec in tree.dependents(there.place):
            if other.place not in along:
                yield spec

    def _most(self, there: Node, specs: Sequence[str]) -> int:
        """Return how many findings a dependency can lose within all of some ranges."""
        if there.place not in self._closing:
            aim = self._aims[there.place]
            self._closing[there.place] = tuple(
                (version, len(closed_by(aim, version, NPM))) for version in self._usable(there)
            )
        return max(
            (
                count
                for version, count in self._closing[there.place]
                if count and all(satisfies(version, spec) for spec in specs)
            ),
            default=0,
        )
