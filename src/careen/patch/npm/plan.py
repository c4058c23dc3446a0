"""Changes of a project by the upgrade of one package.

They are the package in its place, its missing dependencies, and packages that become unused.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from careen.formats.json_document import mapping, text
from careen.formats.versions.lines import is_pre_release
from careen.formats.versions.semver import NPM
from careen.model.packages.package import Ecosystem
from careen.model.patching import BlockReason
from careen.patch.forbidden import ForbiddenError
from careen.patch.npm.files import Archive, unpack
from careen.patch.npm.lock import has_install_script
from careen.patch.npm.ranges import is_range, satisfies
from careen.patch.npm.registry import Published, Registry, askable
from careen.patch.npm.tree import MODULES, Node, Tree, above
from careen.patch.npm.wishes import UserLimits

MAX_PULLED = 100
_SHOWN = 3

Mark = tuple[Tree, frozenset[tuple[str, str]], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Change:
    """Change of one place: new without `before`, removed without `published`.

    `bundle` is the archive, if it brings packages.
    """

    place: str
    before: Node | None
    published: Published | None
    bundle: Archive | None = field(default=None, repr=False)


class Planner:
    """Planner over a tree, which changes with every planned upgrade.

    `native` returns whether a package's directory holds compiled code; `wishes` are the user's.
    """

    def __init__(
        self, tree: Tree, registry: Registry, native: Callable[[str], bool], wishes: UserLimits
    ) -> None:
        self.tree = tree
        self.notes: list[str] = []
        self.together: set[tuple[str, str]] = set()
        self.registry = registry
        self.wishes = wishes
        self._native = native
        self._changes: list[Change] = []
        self._pulled = 0
        self._beside: set[str] = set()  # places where the old version has to stay

    def upgrade(self, place: str, version: str, key: str) -> tuple[Change, ...]:
        """Put another version in a place; return all changes, the place's own first.

        `key` names the upgrade. Upgrades that hold only together are added to `together`. Raises
        ForbiddenError, or ToolError if the registry does not answer; the tree is then unchanged.
        """
        before, reached = self.tree, self.tree.reachable()
        kept = set(self.together), list(self.notes)
        self._beside = set()
        try:
            while not self._is_planned(before, place, version, key):
                self.together, self.notes = set(kept[0]), list(kept[1])
            self._merge(key)
            gone = sorted((reached - self.tree.reachable()) & self.tree.nodes.keys() - {""})
            self._check_gone(gone)
        except BaseException:
            self.tree, self.together, self.notes = before, *kept
            raise
        for other in gone:
            if other not in {change.place for change in self._changes}:
                self._changes.append(Change(other, before.nodes.get(other), None))
            self.tree.drop(other)
        return tuple(self._changes)

    def _is_planned(self, before: Tree, place: str, version: str, key: str) -> bool:
        """Plan once; return False if it must be planned again because of other dependents."""
        self.tree, self._changes, self._pulled = before.copy(), [], 0
        self._put(place, before.nodes[place].name, version, key)
        wrong: dict[str, tuple[Node, str]] = {}
        for change in self._changes:
            node = self.tree.nodes.get(change.place)
            if (
                node is not None
                and (pin := next(self.forbidding(change.place, node.version, key), None))
                is not None
            ):
                wrong[change.place] = pin
        if not wrong:
            return True
        if place in wrong or wrong.keys() <= self._beside:
            where, (dependent, spec) = (
                (place, wrong[place]) if place in wrong else next(iter(wrong.items()))
            )
            node = self.tree.nodes[where]
            raise ForbiddenError(
                BlockReason.PINNED,
                f"{dependent.shown} depends on {node.name} {spec}, and {node.version} is not in it",
            )
        # Others still need the old versions, which then have to stay in these places.
        self._beside |= wrong.keys()
        return False

    def _check_gone(self, places: Sequence[str]) -> None:
        for place in places:
            if stays := self.wishes.stays(place):
                raise ForbiddenError(
                    BlockReason.EXCLUDED,
                    f"{self.tree.nodes[place].shown} would go away with it, which {stays}",
                )

    def mark(self) -> Mark:
        """Return a mark for `reset`."""
        return self.tree, frozenset(self.together), tuple(self.notes)

    def reset(self, mark: Mark) -> None:
        """Undo the upgrades since a mark."""
        self.tree, self.together, self.notes = mark[0], set(mark[1]), list(mark[2])

    def _merge(self, key: str) -> None:
        """Drop new copies of versions that would be found without them."""
        for change in sorted(self._changes, key=lambda each: each.place.count(MODULES)):
            node = self.tree.nodes.get(change.place)
            behind = (
                self.tree.behind(change.place)
                if change.before is None and node is not None
                else None
            )
            if (
                node is None
                or behind is None
                or (behind.name, behind.version) != (node.name, node.version)
            ):
                continue
            if behind.changed not in ("", key):
                self.together.add((key, behind.changed))
            for place in (change.place, *self.tree.below(change.place)):
                self.tree.drop(place)
        self._changes = [change for change in self._changes if change.place in self.tree.nodes]

    def forbidding(self, place: str, version: str, key: str = "") -> Iterator[tuple[Node, str]]:
        """Yield the dependents of a place that do not allow a version, with their ranges."""
        for node, spec in self.tree.dependents(place):
            if not satisfies(version, spec):
                yield node, spec
            elif key and node.changed:
                self.together.add((key, node.changed))

    def _put(self, place: str, name: str, version: str, key: str) -> None:
        published = self.registry.published(name, version)
        before = self.tree.nodes.get(place)
        if before is not None and before.changed not in ("", key):
            raise ForbiddenError(
                BlockReason.PINNED,
                f"it needs {name} {version}, where another upgrade puts {before.version}",
            )
        objection = self.wishes.objection(place, version, key) if before is not None else None
        if objection is not None:
            raise ForbiddenError(
                objection[0],
                (
                    f"it needs {objection[1]}"
                    if place != self.wishes.places.get(key)
                    else objection[1]
                ),
            )
        self._check_scripts(place, before, published.manifest)
        bundle = None
        if Node(place, published.manifest).bundles or (before is not None and before.bundles):
            bundle = unpack(self.registry.archive(name, version), f"{name}@{version}")
            for other in self.tree.below(place):
                self.tree.drop(other)
        unmet = set(self.tree.unmet(before)) if before is not None else set()
        self.tree.put(place, published.manifest, key)
        for inner, document in bundle.bundled() if bundle is not None else ():
            self.tree.put(f"{place}/{inner}", document, key)
        self._changes.append(Change(place, before, published, bundle))
        node = self.tree.nodes[place]
        wrong = [words for words in self.tree.unmet(node) if words not in unmet]
        if wrong:
            raise ForbiddenError(
                BlockReason.PINNED,
                f"{node.shown} has unmet peer dependencies: {'; '.join(wrong[:_SHOWN])}",
            )
        needs = {**node.needs(), **self._optional(node)}
        self.registry.prefetch(
            [
                (_real_name(name, spec), _real_range(spec))
                for name, spec in needs.items()
                if self._is_missing(node, name, spec)
            ]
        )
        for dependency, spec in needs.items():
            self._provide(node, dependency, spec, key)

    def _optional(self, node: Node) -> Mapping[str, str]:
        """Return the optional dependencies that are installed."""
        # The others were left out for this platform, or by choice.
        stated = mapping(node.document.get("optionalDependencies"))
        return {
            name: text(spec)
            for name, spec in stated.items()
            if isinstance(spec, str) and self.tree.resolve(node.place, name) is not None
        }

    def _is_missing(self, node: Node, name: str, spec: str) -> bool:
        """Return whether the registry will be asked for a dependency."""
        found = self.tree.resolve(node.place, name)
        return (
            is_range(spec)
            and (found is None or not satisfies(found.version, spec))
            and askable(_real_name(name, spec), _real_range(spec))
        )

    def _provide(self, node: Node, name: str, spec: str, key: str) -> None:
        found = self.tree.resolve(node.place, name)
        if found is not None and (
            satisfies(found.version, spec)
            or (not is_range(spec) and found.place.startswith(f"{node.place}/"))
        ):
            if found.changed and found.changed != key:
                self.together.add((key, found.changed))
            return
        if not is_range(spec):
            raise ForbiddenError(
                BlockReason.PINNED,
                f"{node.shown} needs {name} from {spec[:100]!r}, which is no version of the"
                " registry",
            )
        self._pulled += 1
        if self._pulled > MAX_PULLED:
            raise ForbiddenError(
                BlockReason.PINNED, f"{node.shown} needs more than {MAX_PULLED} other packages"
            )
        real = _real_name(name, spec)
        if not askable(real, _real_range(spec)):
            raise ForbiddenError(
                BlockReason.PINNED,
                f"{node.shown} needs {name[:80]!r} {spec[:80]!r}, which no registry is asked for",
            )
        fitting = [
            version
            for version in self.registry.offers(real, _real_range(spec))
            if satisfies(version, spec)
        ]
        if not fitting:
            raise ForbiddenError(
                BlockReason.UNAVAILABLE,
                f"{node.shown} needs {name} {spec}, and no such version is on offer",
            )
        if (
            found is not None
            and found.name == real
            and not found.changed
            and found.place not in self._beside
        ):
            allowed = [
                version
                for version in fitting
                if self.wishes.objection(found.place, version, key) is None
            ]
            if allowed or self._is_alone(found, node):
                self._put(
                    found.place, real, newest(allowed or fitting), key
                )  # in its place, unless another package needs the old one
                return
        best = newest(fitting)
        self._put(self._highest(node, name, best), real, best, key)

    def _is_alone(self, found: Node, node: Node) -> bool:
        """Return whether a package is the only dependent of another."""
        return all(other.place == node.place for other, _ in self.tree.dependents(found.place))

    def _highest(self, node: Node, name: str, version: str) -> str:
        """Return the outermost free place where a package finds another and all can use it."""
        own = f"{node.place}/{MODULES}/{name}" if node.place else f"{MODULES}/{name}"
        best, here = own, above(node.place)
        while here is not None:
            there = f"{here}/{MODULES}/{name}" if here else f"{MODULES}/{name}"
            if there in self.tree.nodes or there in self.tree.absent:
                break
            if all(satisfies(version, spec) for spec in self.tree.wanting(there)):
                best = there
            here = above(here)
        return best

    def _check_scripts(self, place: str, before: Node | None, manifest: Mapping[str, Any]) -> None:
        if not (
            has_install_script(manifest)
            or (before is not None and has_install_script(before.document))
        ):
            return
        shown = f"{text(manifest.get('name'))}@{text(manifest.get('version'))}"
        if before is not None and self._native(place):
            raise ForbiddenError(
                BlockReason.REBUILD,
                f"{before.shown} was built or fetched by its install script; {shown} needs the"
                f" same: npm rebuild {before.name}",
            )
        if before is None:
            raise ForbiddenError(
                BlockReason.REBUILD, f"{shown}, which is needed besides, has an install script"
            )
        self.notes.append(f"{shown} has an install script; it was not run")


def newest(versions: list[str]) -> str:
    """Return the newest version, releases before pre-releases; "" without versions."""
    released = [
        version for version in versions if not is_pre_release(Ecosystem.NPM, version)
    ] or versions
    return max(released, key=NPM.key, default="")


def _real_range(spec: str) -> str:
    if spec.startswith("npm:"):
        at = spec.find("@", len("npm:") + 1)
        return (spec[at + 1 :] if at > 0 else "").strip() or "*"
    return spec.removeprefix("workspace:").strip() or "*"


def _real_name(name: str, spec: str) -> str:
    if not spec.startswith("npm:"):
        return name
    other = spec.removeprefix("npm:")
    at = other.find("@", 1)
    return other[:at] if at > 0 else other
