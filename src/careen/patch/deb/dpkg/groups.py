"""Groups of Debian upgrades that must be applied together.

A group has the binaries of one source package and the packages that depend on each other's version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from careen.patch.deb.dpkg.installed import DebPackage, Key
from careen.patch.deb.dpkg.relations import PackageSet, clauses, forbids, meets

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Change:
    """Change of one package; an added package has no `old` version."""

    old: DebPackage | None
    new: DebPackage

    @property
    def key(self) -> Key:
        return self.old.key if self.old is not None else self.new.key


@dataclass(frozen=True, slots=True)
class Grouped:
    """The group name of each change, and the changes that need it."""

    names: Mapping[Key, str]
    needed_by: Mapping[Key, tuple[Key, ...]]


def group(changes: Sequence[Change], installed: Mapping[Key, DebPackage]) -> Grouped:
    """Group changes that share a source or that are only consistent together."""
    ordered = sorted(changes, key=lambda change: change.key)
    links = _Links([change.key for change in ordered])
    by_source: dict[str, Key] = {}
    for change in ordered:
        links.join(change.key, by_source.setdefault(change.new.source, change.key))
    needed: dict[Key, dict[Key, None]] = {}
    before = PackageSet(installed.values())
    for one, other in _needs(ordered, before):
        links.join(one, other)
        needed.setdefault(other, {})[one] = None
    for one, other in _clashes(ordered):
        links.join(one, other)
    members: dict[Key, list[Change]] = {}
    for change in ordered:
        members.setdefault(links.root(change.key), []).append(change)
    names = {root: _name(found) for root, found in members.items()}
    return Grouped(
        {change.key: names[links.root(change.key)] for change in ordered},
        {key: tuple(found) for key, found in needed.items()},
    )


def _needs(changes: Sequence[Change], before: PackageSet) -> list[tuple[Key, Key]]:
    """Return pairs (dependent, dependency) of changes.

    Either a new version needs another new version, or an upgrade would break another package's
    old version.
    """
    after = PackageSet(change.new for change in changes)
    of = {id(change.new): change.key for change in changes}
    changed = {change.old.key: change for change in changes if change.old is not None}
    out: list[tuple[Key, Key]] = []
    for change in changes:
        for _, clause in clauses(change.new):
            if not before.gives(clause):
                out += [
                    (change.key, of[id(other)])
                    for relation in clause
                    for other in after.having(relation.name)
                    if meets(other, relation)
                ]
        if change.old is None:
            continue
        for _, clause in clauses(change.old):
            for relation in clause:
                for held in before.having(relation.name):
                    other = changed.get(held.key)
                    if other is None or other is change or before.gives(clause, without=held):
                        continue
                    if not any(meets(other.new, alternative) for alternative in clause):
                        out.append((other.key, change.key))
    return out


def _clashes(changes: Sequence[Change]) -> list[tuple[Key, Key]]:
    """Return pairs of changes where one's new version conflicts with the other's old version."""
    by_name: dict[str, list[Change]] = {}
    for change in changes:
        for package in (change.old, change.new):
            if package is not None and change not in by_name.setdefault(package.name, []):
                by_name[package.name].append(change)
    out: list[tuple[Key, Key]] = []
    for change in changes:
        for package in (change.old, change.new):
            named = (
                {
                    relation.name
                    for _, clause in clauses(package, ("Breaks", "Conflicts"))
                    for relation in clause
                }
                if package is not None
                else set()
            )
            for other in (
                each
                for name in sorted(named)
                for each in by_name.get(name, ())
                if each is not change
            ):
                against = other.old if package is change.new else other.new
                if (
                    against is not None
                    and package is not None
                    and forbids(package, against) is not None
                ):
                    out.append((change.key, other.key))
    return out


def _name(members: Sequence[Change]) -> str:
    sources = sorted({change.new.source for change in members})
    return "+".join(sources[:_NAMED]) + (
        f"+{len(sources) - _NAMED}" if len(sources) > _NAMED else ""
    )


class _Links:
    """Disjoint sets (union-find). The smallest key is a set's root."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._up = {key: key for key in keys}

    def root(self, key: Key) -> Key:
        while self._up[key] != key:
            self._up[key] = self._up[self._up[key]]
            key = self._up[key]
        return key

    def join(self, one: Key, other: Key) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        self._up[high] = low
