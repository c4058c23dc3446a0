"""Further upgrades that an upgrade needs in an image with incomplete packages.

Hardened and distroless images have broken relations, which may stay broken. Every relation that
held must hold afterwards; otherwise the package in the way is upgraded to its candidate, too.
No new package is installed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from careen.patch.deb.dpkg.installed import DebPackage, Key
from careen.patch.deb.dpkg.relations import Clause, PackageSet, clauses, forbids, meets, replaced

_ROUNDS = 50

Candidate = Callable[[DebPackage], DebPackage | None]
"""Function from an installed package to the version it may be upgraded to, None for none."""


@dataclass(frozen=True, slots=True)
class Closure:
    """All `changes`, those asked for included, or the reason why they are `refused`."""

    changes: Mapping[Key, DebPackage]
    refused: str = ""


def close(
    wanted: Mapping[Key, DebPackage], installed: Mapping[Key, DebPackage], candidate: Candidate
) -> Closure:
    """Add to the wanted versions the upgrades of other installed packages that they need."""
    changes = dict(wanted)
    before = PackageSet(installed.values())
    for _ in range(_ROUNDS):
        after = replaced(installed, changes.values())
        trouble = next(_broken_relations(changes, installed, after, before), None)
        if trouble is None:
            return Closure(changes)
        helped = False
        for other in trouble.by:
            new = candidate(other) if other.key not in changes else None
            if new is not None:
                changes[other.key] = new
                helped = True
                break
        if not helped:
            return Closure({}, trouble.words)
    return Closure({}, "it pulls too much along")


@dataclass(frozen=True, slots=True)
class _BrokenRelation:
    words: str
    by: tuple[DebPackage, ...]


def _broken_relations(  # noqa: C901 — one loop for each way in which packages do not go together
    changes: Mapping[Key, DebPackage],
    installed: Mapping[Key, DebPackage],
    after: Mapping[Key, DebPackage],
    before: PackageSet,
) -> Iterator[_BrokenRelation]:
    world = PackageSet(after.values())
    gone = {
        name
        for key in changes
        if key in installed
        for name in (installed[key].name, *_provided(installed[key]))
    }
    for key, new in sorted(changes.items()):
        for field, clause in clauses(new):
            if not world.gives(clause) and not _was_missing(clause, installed.get(key), before):
                by = tuple(
                    package for relation in clause for package in before.having(relation.name)
                )
                yield _BrokenRelation(
                    f"{new.name} {new.version}: {field}:"
                    f" {_words(clause)}{'' if by else ', which the image does not have'}",
                    by,
                )
    for key, package in sorted(after.items()):
        if key in changes:
            continue
        for field, clause in clauses(package):
            if (
                gone.intersection(relation.name for relation in clause)
                and before.gives(clause)
                and not world.gives(clause)
            ):
                yield _BrokenRelation(
                    f"{package.name} {package.version}: {field}: {_words(clause)}", (package,)
                )
    named = {new.name for new in changes.values()}
    for _, new in sorted(changes.items()):
        for other in _clashing(new, world):
            if against := forbids(new, other):
                yield _BrokenRelation(
                    f"{new.name} {new.version} conflicts with {other.name} {other.version}"
                    f" ({against})",
                    (other,),
                )
    for key, package in sorted(after.items()):
        if key in changes:
            continue
        for _, clause in clauses(package, ("Breaks", "Conflicts")):
            for relation in clause:
                if relation.name in named and any(
                    meets(new, relation) for new in changes.values() if new.name != package.name
                ):
                    yield _BrokenRelation(
                        f"{package.name} {package.version} conflicts with {relation}", (package,)
                    )


def _clashing(new: DebPackage, world: PackageSet) -> list[DebPackage]:
    names = {
        relation.name for _, clause in clauses(new, ("Breaks", "Conflicts")) for relation in clause
    }
    found = {
        package.key: package
        for name in names
        for package in world.having(name)
        if package is not new
    }
    return [package for _, package in sorted(found.items())]


def _provided(package: DebPackage) -> list[str]:
    return [relation.name for _, clause in clauses(package, ("Provides",)) for relation in clause]


def _was_missing(clause: Clause, old: DebPackage | None, before: PackageSet) -> bool:
    """Return whether the old version had the same unmet dependency."""
    if any(before.having(relation.name) for relation in clause) or old is None:
        return False
    names = {relation.name for relation in clause}
    return any(names.intersection(relation.name for relation in asked) for _, asked in clauses(old))


def _words(clause: Clause) -> str:
    return " | ".join(map(str, clause))
