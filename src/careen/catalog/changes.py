"""What differs between two locks, and between the findings of two days."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from careen.model.catalog.lock import Lock
from careen.model.catalog.refresh import OpenFinding, PackageStep


def package_steps(before: Lock | None, after: Lock) -> tuple[PackageStep, ...]:
    """Return the packages that were added, removed or changed, by name."""
    old = {} if before is None else _versions(before)
    new = _versions(after)
    return tuple(
        PackageStep(key[0], old.get(key, ""), new.get(key, ""))
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    )


def older(
    lock: Lock, offered: Mapping[str, str], compare: Callable[[str, str], int]
) -> tuple[PackageStep, ...]:
    """Return the packages of which an older version is offered than the lock has."""
    return tuple(
        PackageStep(each.name, each.version, found)
        for each in lock.packages
        if (found := offered.get(each.name, "")) and compare(found, each.version) < 0
    )


def _versions(lock: Lock) -> dict[tuple[str, str], str]:
    # A package may change between `all` and a machine's architecture: that is no removal.
    native = ("all", lock.architecture)
    return {
        (each.name, "" if each.architecture in native else each.architecture): each.version
        for each in lock.packages
    }


def with_dates(
    found: Iterable[OpenFinding], before: Sequence[OpenFinding]
) -> tuple[OpenFinding, ...]:
    """Return findings with the day on which each was first seen."""
    known = {(each.id, each.name): each.since for each in before}
    return tuple(
        OpenFinding(
            each.id,
            each.name,
            each.version,
            each.severity,
            each.fixable,
            known.get((each.id, each.name), each.since),
        )
        for each in found
    )


def without(found: Iterable[OpenFinding], others: Iterable[OpenFinding]) -> tuple[OpenFinding, ...]:
    """Return the findings that are not among the others, by identifier and package."""
    known = {(each.id, each.name) for each in others}
    return tuple(each for each in found if (each.id, each.name) not in known)
