"""Packages as rows of the store, and back."""

import hashlib
import json
from functools import lru_cache
from typing import NamedTuple

from packaging.utils import canonicalize_name

from careen.fleet.contents import package_content
from careen.fleet.texts import indexed, raw, stored
from careen.fleet.units import packed
from careen.model.packages.package import Ecosystem, Package, Presence
from careen.model.packages.purls import read_purl
from careen.model.paths import ROOT, ImagePath

_ROWS = 50_000
"""Rows in memory; one takes about 1 kB."""


class PackageRow(NamedTuple):
    """A row of `package` without its number, in the order of its columns.

    `place` is no column: it orders packages in units, whatever their version.
    """

    digest: bytes
    kind: str
    namespace: str
    name: str
    version: str
    source: str
    purl: str
    facts: str
    place: bytes

    @property
    def values(self) -> tuple[bytes | str, ...]:
        """The values in the order of the table's columns."""
        return self[:-1]


def search_name(kind: str, name: str) -> str:
    """Return the spelling that a name is looked up by: lower case, and PEP 503's for Python."""
    return canonicalize_name(name) if kind == Ecosystem.PYPI.value else name.lower()


class Member(NamedTuple):
    """A package in an inventory: its row, and its content in a unit."""

    row: PackageRow
    content: bytes


class Members:
    """Packages as members of units.

    Readers give one object for a package that several inventories list, so each is looked at once.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[Package, Member]] = {}

    def member(self, package: Package) -> Member:
        """Return a package as a member."""
        # By identity: a hash of all values takes as long as making the member.
        known = self._known.get(id(package))
        if known is not None:
            return known[1]
        if len(self._known) >= _ROWS:
            self._known.clear()
        row = row_of(package)
        member = Member(row, package_content(row.digest, raw(package.record)))
        self._known[id(package)] = package, member  # kept, so that no other one gets its number
        return member


def row_of(package: Package) -> PackageRow:
    """Return the row of a package; its files stay outside."""
    return _row(
        package.purl,
        package.version,
        package.name,
        package.source,
        package.ecosystem.value,
        package.architecture,
        package.module,
        package.presence.value,
    )


@lru_cache(maxsize=_ROWS)  # most packages of an image are those of others
def _row(purl: str, version: str, name: str, source: str, *more: str) -> PackageRow:
    purl, version = stored(purl), stored(version)
    ecosystem, architecture, module, presence = map(stored, more)
    facts = json.dumps(
        [ecosystem, stored(name), stored(source), architecture, module, presence],
        separators=(",", ":"),
    )
    read = read_purl(purl)
    kind = indexed(ecosystem if read is None else read.type)
    called = name if read is None else read.name
    key = search_name(kind, indexed(called))
    return PackageRow(
        hashlib.sha256(packed(purl.encode(), version.encode(), facts.encode())).digest(),
        kind,
        "" if read is None else stored(read.namespace),
        key,
        version,
        search_name(kind, indexed(source.partition("@")[0] or called)),
        purl,
        facts,
        packed(kind.encode(), key.encode()),
    )


def package_of(purl: str, version: str, facts: str, record: str) -> Package:
    """Return the package of a row, as matching needs it: without files."""
    ecosystem, name, source, architecture, module, presence = json.loads(facts)
    return Package(
        Ecosystem(ecosystem),
        name,
        version,
        purl,
        ImagePath(record) if record else ROOT,
        (),
        source=source,
        architecture=architecture,
        module=module,
        presence=Presence(presence),
    )
