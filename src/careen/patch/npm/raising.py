"""Upgrades of packages that pin another one, to versions that do not."""

from collections.abc import Callable, Collection, Mapping, Sequence

from careen.formats.versions.semver import NPM
from careen.model.patching import BlockReason
from careen.patch.forbidden import ForbiddenError
from careen.patch.npm.plan import Change, Planner
from careen.patch.npm.ranges import satisfies
from careen.patch.npm.tree import MODULES, Node

MAX_RAISED = 12  # packages upgraded for one
MAX_TRIED = 200  # versions of all of them: a chain of pins has too many combinations
_MAX_TRIES = 6  # versions of one package that do not fit

PinUpgrades = list[tuple[str, Sequence[Change]]]
"""Upgrades by purl, in the order in which they are made."""


class PinUpgrader:
    """Upgrades pinning packages in a planner's tree.

    `purls` are by place; `usable` returns a package's newer versions that may be used, `worth` how
    many findings of its dependencies a version lets close.
    """

    def __init__(
        self,
        planner: Planner,
        purls: Mapping[str, str],
        usable: Callable[[Node], Sequence[str]],
        worth: Callable[[Node, str], int],
    ) -> None:
        self._planner = planner
        self._purls = purls
        self._usable = usable
        self._worth = worth
        self._left = MAX_TRIED

    def free(self, place: str, targets: Collection[str]) -> PinUpgrades:
        """Upgrade the dependents that allow none of `targets`, and those that pin them.

        Each moves as little as frees the most. Raises ForbiddenError; all is then as before.
        """
        before = self._planner.mark()
        raised: PinUpgrades = []
        self._left = MAX_TRIED
        try:
            self._free(place, targets, raised, ())
        except BaseException:
            self._planner.reset(before)
            raise
        return raised

    def _free(
        self, place: str, targets: Collection[str], raised: PinUpgrades, above: tuple[str, ...]
    ) -> None:
        for node, spec in [*self._planner.tree.dependents(place)]:
            now = self._planner.tree.nodes.get(node.place, node)
            if not _allows(now, place, targets) and now.place not in above:
                self._raise(now, spec, place, targets, raised, (*above, place))

    def _raise(
        self,
        node: Node,
        spec: str,
        place: str,
        targets: Collection[str],
        raised: PinUpgrades,
        above: tuple[str, ...],
    ) -> None:
        pin = ForbiddenError(BlockReason.PINNED, f"{node.shown} depends on {_name(place)} {spec}")
        tree = self._planner.tree
        if (
            node.place not in self._purls
            or node.place not in tree.nodes
            or node.changed
            or node.bundles
            or tree.bundler(node.place) is not None
        ):
            raise pin
        tries = 0
        for version in self._freeing(node, place, targets):
            if tries == _MAX_TRIES or len(raised) >= MAX_RAISED or not self._left:
                break
            tries += 1
            self._left -= 1
            before, done = self._planner.mark(), len(raised)
            purl = self._purls[node.place]
            try:
                self._free(node.place, (version,), raised, above)
                there = self._planner.tree.nodes.get(node.place)
                if there is node:
                    raised.append((purl, self._planner.upgrade(node.place, version, purl)))
                elif there is not None and not _allows(
                    there, place, targets
                ):  # an upgrade made for it brought another version
                    raise pin
            except ForbiddenError:
                self._planner.reset(before)
                del raised[done:]
                continue
            return
        raise pin

    def _freeing(self, node: Node, place: str, targets: Collection[str]) -> Sequence[str]:
        """Return the versions of a package that allow one of `targets`.

        First the lowest of each worth, the highest worth first, then all others, lowest first.
        """
        published = self._planner.registry.published
        found = [
            version
            for version in sorted(self._usable(node), key=NPM.key)
            if _allows(Node(node.place, published(node.name, version).manifest), place, targets)
        ]
        lowest: dict[int, str] = {}
        for version in found:
            lowest.setdefault(self._worth(node, version), version)
        return [*dict.fromkeys([*(lowest[each] for each in sorted(lowest, reverse=True)), *found])]


def _allows(node: Node, place: str, targets: Collection[str]) -> bool:
    spec = node.wants().get(_name(place))
    return spec is None or any(satisfies(version, spec) for version in targets)


def _name(place: str) -> str:
    return place.rpartition(f"{MODULES}/")[2]
