"""Packages as rows of the store, and back."""

import hashlib
import json
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from careen.fleet.texts import indexed, stored
from careen.fleet.units import packed
from careen.model.packages.package import Ecosystem, Package, Presence
from careen.model.packages.purls import read_purl
from careen.model.paths import ROOT, ImagePath


@dataclass(frozen=True, slots=True)
class PackageRow:
    """A row of `package` without its number."""

    digest: bytes
    kind: str
    namespace: str
    name: str
    version: str
    source: str
    purl: str
    facts: str

    @property
    def values(self) -> tuple[bytes | str, ...]:
        """The values in the order of the table's columns."""
        return (
            self.digest,
            self.kind,
            self.namespace,
            self.name,
            self.version,
            self.source,
            self.purl,
            self.facts,
        )


def search_name(kind: str, name: str) -> str:
    """Return the spelling that a name is looked up by: lower case, and PEP 503's for Python."""
    return canonicalize_name(name) if kind == Ecosystem.PYPI.value else name.lower()


def row_of(package: Package) -> PackageRow:
    """Return the row of a package; its files stay outside."""
    purl = stored(package.purl)
    read = read_purl(purl)
    kind = package.ecosystem.value if read is None else read.type
    name = package.name if read is None else read.name
    facts = json.dumps(
        [
            package.ecosystem.value,
            stored(package.name),
            stored(package.source),
            stored(package.architecture),
            stored(package.module),
            package.presence.value,
        ],
        separators=(",", ":"),
    )
    version = stored(package.version)
    return PackageRow(
        hashlib.sha256(packed(purl.encode(), version.encode(), facts.encode())).digest(),
        indexed(kind),
        "" if read is None else stored(read.namespace),
        search_name(kind, indexed(name)),
        version,
        search_name(kind, indexed(package.source.partition("@")[0] or name)),
        purl,
        facts,
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
