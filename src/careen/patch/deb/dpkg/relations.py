"""Relations between Debian packages (Debian policy, chapter 7): what a package needs, what it does
not bear, and whether a set of packages gives it.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from careen.formats.versions import UnreadableVersionError
from careen.formats.versions.deb import DEB
from careen.patch.deb.dpkg.installed import DebPackage

MAX_FIELD = 256 << 10

NEEDS = ("Pre-Depends", "Depends")
BEARS_NOT = ("Breaks", "Conflicts")

logging.getLogger("debian.deb822").addHandler(
    logging.NullHandler()
)  # it warns of what it cannot parse; an image must not write to the terminal

_ORDER = {
    "<<": frozenset({-1}),
    "<=": frozenset({-1, 0}),
    "<": frozenset({-1, 0}),  # old packages write it so, and mean <=
    "=": frozenset({0}),
    ">=": frozenset({0, 1}),
    ">": frozenset({0, 1}),  # and >=
    ">>": frozenset({1}),
}


@dataclass(frozen=True, slots=True)
class Relation:
    """`name` alone, or with an operator (`<<`, `<=`, `=`, `>=`, `>>`) and a version."""

    name: str
    operator: str = ""
    version: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.operator} {self.version})" if self.operator else self.name

    def admits(self, version: str) -> bool:
        """Say whether a version is within the relation; one that cannot be read is not."""
        if not self.operator:
            return True
        try:
            return DEB.compare(version, self.version) in _ORDER.get(self.operator, ())
        except UnreadableVersionError:
            return False


Clause = tuple[Relation, ...]
"""Alternatives, one of which is enough."""


@lru_cache(8192)
def parse_relations(text: str) -> tuple[Clause, ...]:
    """Read a relationship field. Restrictions to architectures and build profiles do not occur in
    binary packages and are passed over.
    """
    from debian.deb822 import PkgRelation

    out: list[Clause] = []
    for item in " ".join(text[:MAX_FIELD].split()).split(
        ","
    ):  # runs of blanks cost the library's expressions a quadratic time
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


def clauses(package: DebPackage, fields: Iterable[str] = NEEDS) -> Iterator[tuple[str, Clause]]:
    """Yield the clauses of these fields, each with its field's name."""
    for field in fields:
        for clause in parse_relations(package.get(field)):
            yield field, clause


def provides(package: DebPackage) -> Iterator[tuple[str, str]]:
    """Yield names that a package has: its own with its version, and those that it provides, with a
    version or "" for none.
    """
    yield package.name, package.version
    for clause in parse_relations(package.get("Provides")):
        for relation in clause:
            yield relation.name, relation.version if relation.operator == "=" else ""


def meets(package: DebPackage, relation: Relation) -> bool:
    """Say whether a package is what a relation asks for. A provided name without a version meets no
    relation that has one.
    """
    return any(
        name == relation.name
        and ((bool(version) and relation.admits(version)) or not relation.operator)
        for name, version in provides(package)
    )


def forbids(package: DebPackage, other: DebPackage) -> Relation | None:
    """Return the relation by which `package` does not bear `other`, or None. A package may conflict
    with a name that it provides itself.
    """
    for _, clause in clauses(package, BEARS_NOT):
        for relation in clause:
            if package.name != other.name and meets(other, relation):
                return relation
    return None


class World:
    """A set of packages, asked by the names that they have."""

    def __init__(self, packages: Iterable[DebPackage]) -> None:
        self._having: dict[str, list[DebPackage]] = {}
        for package in packages:
            for name, _ in provides(package):
                self._having.setdefault(name, []).append(package)

    def having(self, name: str) -> tuple[DebPackage, ...]:
        """Return the packages of this name, or that provide it."""
        return tuple(self._having.get(name, ()))

    def gives(self, clause: Clause, *, without: DebPackage | None = None) -> bool:
        """Say whether an alternative of the clause is there. `without` is left out of account."""
        return any(
            meets(package, relation)
            for relation in clause
            for package in self._having.get(relation.name, ())
            if package is not without
        )


def replaced(
    installed: Mapping[tuple[str, str], DebPackage], changes: Iterable[DebPackage]
) -> dict[tuple[str, str], DebPackage]:
    """Return what is installed after the changes. A package that changes its architecture between
    one and all stays one package.
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
