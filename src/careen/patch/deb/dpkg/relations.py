"""Relations between Debian packages (Debian policy, chapter 7)."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from careen.formats.versions import UnreadableVersionError
from careen.formats.versions.deb import DEB
from careen.patch.deb.dpkg.installed import DebPackage

MAX_FIELD = 256 << 10

DEPENDENCY_FIELDS = ("Pre-Depends", "Depends")
CONFLICT_FIELDS = ("Breaks", "Conflicts")

logging.getLogger("debian.deb822").addHandler(
    logging.NullHandler()
)  # it logs what it cannot parse, and an image's text must not reach the terminal

_ORDER = {
    "<<": frozenset({-1}),
    "<=": frozenset({-1, 0}),
    "<": frozenset({-1, 0}),  # obsolete form of <=
    "=": frozenset({0}),
    ">=": frozenset({0, 1}),
    ">": frozenset({0, 1}),  # obsolete form of >=
    ">>": frozenset({1}),
}


@dataclass(frozen=True, slots=True)
class Relation:
    """Package `name`, optionally with an operator (`<<`, `<=`, `=`, `>=`, `>>`) and a version."""

    name: str
    operator: str = ""
    version: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.operator} {self.version})" if self.operator else self.name

    def admits(self, version: str) -> bool:
        """Return whether a version satisfies the relation; an unreadable version does not."""
        if not self.operator:
            return True
        try:
            return DEB.compare(version, self.version) in _ORDER.get(self.operator, ())
        except UnreadableVersionError:
            return False


Clause = tuple[Relation, ...]
"""Alternatives, one of which must hold."""


@lru_cache(8192)
def parse_relations(text: str) -> tuple[Clause, ...]:
    """Parse a relationship field.

    Architecture and profile restrictions do not occur in binary packages and are ignored.
    """
    from debian.deb822 import PkgRelation

    out: list[Clause] = []
    for item in " ".join(text[:MAX_FIELD].split()).split(
        ","
    ):  # the library's patterns take quadratic time on runs of blanks
        if not item.strip():
            continue
        try:
            parsed = [relation for group in PkgRelation.parse_relations(item) for relation in group]
        except IndexError:  # `a [ ]`: brackets without an architecture
            continue
        clause = tuple(
            Relation(each["name"], *(each.get("version") or ("", ""))) for each in parsed
        )
        if clause:
            out.append(clause)
    return tuple(out)


def clauses(
    package: DebPackage, fields: Iterable[str] = DEPENDENCY_FIELDS
) -> Iterator[tuple[str, Clause]]:
    """Yield (field name, clause) for these fields."""
    for field in fields:
        for clause in parse_relations(package.get(field)):
            yield field, clause


def provides(package: DebPackage) -> Iterator[tuple[str, str]]:
    """Yield the names and versions that a package provides, its own included; "" for no version."""
    yield package.name, package.version
    for clause in parse_relations(package.get("Provides")):
        for relation in clause:
            yield relation.name, relation.version if relation.operator == "=" else ""


def meets(package: DebPackage, relation: Relation) -> bool:
    """Return whether a package satisfies a relation.

    A name provided without a version does not satisfy a versioned relation.
    """
    return any(
        name == relation.name
        and ((bool(version) and relation.admits(version)) or not relation.operator)
        for name, version in provides(package)
    )


def forbids(package: DebPackage, other: DebPackage) -> Relation | None:
    """Return the Breaks or Conflicts relation of `package` that `other` violates, or None.

    A package may conflict with a name that it provides itself.
    """
    for _, clause in clauses(package, CONFLICT_FIELDS):
        for relation in clause:
            if package.name != other.name and meets(other, relation):
                return relation
    return None


class PackageSet:
    """Set of packages, indexed by the names that they have or provide."""

    def __init__(self, packages: Iterable[DebPackage]) -> None:
        self._having: dict[str, list[DebPackage]] = {}
        for package in packages:
            for name, _ in provides(package):
                self._having.setdefault(name, []).append(package)

    def having(self, name: str) -> tuple[DebPackage, ...]:
        """Return the packages that have or provide a name."""
        return tuple(self._having.get(name, ()))

    def gives(self, clause: Clause, *, without: DebPackage | None = None) -> bool:
        """Return whether an alternative of the clause holds, not counting `without`."""
        return any(
            meets(package, relation)
            for relation in clause
            for package in self._having.get(relation.name, ())
            if package is not without
        )


def replaced(
    installed: Mapping[tuple[str, str], DebPackage], changes: Iterable[DebPackage]
) -> dict[tuple[str, str], DebPackage]:
    """Return the installed packages after the changes.

    A change between `all` and one architecture replaces the package.
    """
    out = dict(installed)
    for package in changes:
        for key in [
            key
            for key in out
            if key[0] == package.name
            and (package.architecture == "all" or key[1] in ("all", package.architecture))
        ]:
            del out[key]
        out[package.key] = package
    return out
