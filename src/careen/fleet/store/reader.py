"""Queries of the store: index walks from a package or a file to the images that have it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import zstandard

from careen.errors import ConfigError
from careen.fleet.contents import UNKNOWN_PORTS
from careen.fleet.packages import package_of
from careen.fleet.store.images import Images
from careen.fleet.store.intern import chunks, marks
from careen.fleet.store.port import Row
from careen.fleet.texts import LONGEST_KEY, indexed, path_of
from careen.model.fleet.facts import StoredDocument, Usage
from careen.model.fleet.grade import grade_of
from careen.model.packages.package import Package

_PACKAGE = "id, namespace, version, purl, facts"


@dataclass(frozen=True, slots=True)
class FoundPackage:
    """A row of `package`."""

    id: int
    namespace: str
    version: str
    purl: str
    facts: str

    def package(self, record: str = "") -> Package:
        """Return the package as matching needs it."""
        return package_of(self.purl, self.version, self.facts, record)


class Place(NamedTuple):
    """A package (by its number) or a file (by its digest) at a path of an image."""

    image: int
    what: int | str
    path: str
    usage: Usage | None = None


class Reader(Images):
    """Queries of one open store. Wrap several in `Database.reading` to see one state."""

    def packages(self, kind: str, name: str) -> list[FoundPackage]:
        """Return the packages of a purl type with a name, in the spelling of the index."""
        query = f"SELECT {_PACKAGE} FROM package WHERE name = ? AND kind = ?"
        return [FoundPackage(*row) for row in self._database.rows(query, (indexed(name), kind))]

    def packages_named(self, names: Sequence[str]) -> list[FoundPackage]:
        """Return the packages that are, or whose source is, called by one of these names."""
        found: dict[int, FoundPackage] = {}
        for column in ("name", "source"):
            query = f"SELECT {_PACKAGE} FROM package WHERE {column} IN"
            for row in self._listed(query, tuple(map(indexed, names))):
                found[row[0]] = FoundPackage(*row)
        return list(found.values())

    def packages_of_kind(self, kind: str) -> list[FoundPackage]:
        """Return all packages of a purl type."""
        query = f"SELECT {_PACKAGE} FROM package WHERE kind = ?"
        return [FoundPackage(*row) for row in self._database.rows(query, (kind,))]

    def having(self, kind: str) -> set[int]:
        """Return the images that have a package of a purl type, by a walk over all packages."""
        query = (
            "SELECT DISTINCT i.image FROM package p JOIN unit_package u ON u.package = p.id JOIN"
            " image_unit i ON i.unit = u.unit WHERE p.kind = ?"
        )
        return {int(row[0]) for row in self._database.rows(query, (kind,))}

    def containing(self, packages: Sequence[int]) -> list[Place]:
        """Return where packages are: "contains", by one walk over units."""
        found = list(self._walked("package, path", "unit_package WHERE package IN", packages))
        texts = self._texts(row[2] for row in found)
        return [Place(image, package, texts[path]) for image, package, path in found]

    def using(self, packages: Sequence[int]) -> dict[tuple[int, int | str], Usage]:
        """Return the known uses of packages, by image and package: "executes", by one walk."""
        query = "SELECT image, package, used FROM image_package WHERE package IN"
        found = list(self._listed(query, packages))
        usages = self._usages(row[2] for row in found)
        return {(image, package): usages[use] for image, package, use in found}

    def _texts(self, paths: Iterable[int]) -> dict[int, str]:
        """Return paths by number: thousands of images have a package at the same few."""
        rows = self._by_number("SELECT id, path FROM path WHERE id IN", paths)
        return {number: path_of(path) for number, (path,) in rows.items()}

    def _usages(self, uses: Iterable[int]) -> dict[int, Usage]:
        """Return uses by number: thousands of images use something in the same few ways."""
        query = "SELECT id, grade, workload, program, ports FROM used WHERE id IN"
        return {number: _usage(*use) for number, use in self._by_number(query, uses).items()}

    def _by_number(self, query: str, numbers: Iterable[int]) -> dict[int, Row]:
        rows = self._listed(query, tuple(dict.fromkeys(numbers)))
        return {number: tuple(values) for number, *values in rows}

    def files(self, sha256: str) -> list[Place]:
        """Return where a used file is, by its content (hex)."""
        query = "SELECT id FROM file WHERE sha256 = ?"
        rows = self._database.rows(query, (bytes.fromhex(sha256),))
        return self._files("file IN", [number for (number,) in rows])

    def paths(self, name: str, *, whole: bool) -> Iterator[tuple[int, bytes]]:
        """Yield the numbered paths whose file name is `name`, or begins with it."""
        low = name.encode("utf-8", "surrogateescape")[:LONGEST_KEY]
        if whole:
            rows = self._database.rows("SELECT id, path FROM path WHERE name = ?", (low,))
        elif high := _after(low):
            rows = self._database.rows(
                "SELECT id, path FROM path WHERE name >= ? AND name < ?", (low, high)
            )
        else:
            rows = self._database.rows("SELECT id, path FROM path")
        return ((number, bytes(path)) for number, path in rows)

    def at_paths(self, paths: Sequence[int]) -> list[Place]:
        """Return the used files at paths, and the packages whose record is there."""
        found = list(self._walked("package, path", "unit_package WHERE path IN", paths))
        texts = self._texts(row[2] for row in found)
        rows = self._by_number(
            "SELECT id, purl FROM package WHERE id IN", (row[1] for row in found)
        )
        purls = {number: purl for number, (purl,) in rows.items()}
        records = [Place(image, purls[package], texts[path]) for image, package, path in found]
        return self._files("path IN", paths) + records

    def _files(self, condition: str, values: Sequence[Any]) -> list[Place]:
        found = list(self._walked("file, path, used", f"unit_file WHERE {condition}", values))
        texts = self._texts(row[2] for row in found)
        usages = self._usages(row[3] for row in found)
        rows = self._by_number("SELECT id, sha256 FROM file WHERE id IN", (row[1] for row in found))
        digests = {number: f"sha256:{bytes(sha256).hex()}" for number, (sha256,) in rows.items()}
        return [
            Place(image, digests[file], texts[path], usages[use])
            for image, file, path, use in found
        ]

    def _walked(self, columns: str, members: str, values: Sequence[int]) -> Iterator[Row]:
        """Yield the images of members of units, and columns of these."""
        for part in chunks(values):
            query = (
                f"WITH m AS MATERIALIZED (SELECT unit, {columns} FROM {members} {marks(part)})"
                f" SELECT i.image, {columns} FROM m JOIN {self._database.walked}"
            )
            yield from self._database.rows(query, part)

    def document_digests(self, digests: Iterable[str]) -> dict[bytes, frozenset[str]]:
        """Return the current documents of the images that digests name: SHA-256 and signers."""
        names = tuple(map(indexed, digests))
        query = (
            "SELECT DISTINCT d.id, d.sha256 FROM image_digest g JOIN image_document i ON i.image ="
            " g.image JOIN document d ON d.id = i.document WHERE i.current = 1 AND g.digest IN"
        )
        signers = self._signers(names)
        return {
            bytes(sha256): frozenset(signers.get(number, ()))
            for number, sha256 in self._listed(query, names)
        }

    def _signers(self, digests: Sequence[str]) -> dict[int, set[str]]:
        """Return who signed documents of the images that digests name, by the document's number."""
        query = (
            "SELECT s.document, s.signer FROM image_digest g JOIN document_signer s ON s.image ="
            " g.image WHERE g.digest IN"
        )
        out: dict[int, set[str]] = {}
        for document, signer in self._listed(query, digests):
            out.setdefault(document, set()).add(signer)
        return out

    def documents(self, digests: Iterable[str]) -> list[StoredDocument]:
        """Return the current documents of the image that one of these digests names.

        Raises ConfigError for a document that is not as it was stored.
        """
        names = tuple(map(indexed, digests))
        query = (
            "SELECT DISTINCT d.id, i.kind, d.size, d.content FROM image_digest g JOIN image_document i"
            " ON i.image = g.image JOIN document d ON d.id = i.document WHERE i.current = 1 AND"
            " g.digest IN"
        )
        signers = self._signers(names)
        out = []
        for number, kind, size, content in self._listed(query, names):
            try:
                plain = zstandard.ZstdDecompressor().decompress(
                    bytes(content), max_output_size=size
                )
            except zstandard.ZstdError as error:
                msg = f"{self._database.name}: a stored document is damaged ({error})"
                raise ConfigError(msg) from error
            out.append(StoredDocument(kind, plain, frozenset(signers.get(number, ()))))
        return out


def _usage(grade: int, workload: str, program: bytes, ports: str) -> Usage:
    listens = None if ports == UNKNOWN_PORTS else tuple(int(port) for port in ports.split())
    return Usage(grade_of(grade), workload, path_of(program), listens)


def _after(prefix: bytes) -> bytes:
    """Return the first text that sorts after all that begin with a prefix, b"" without one."""
    kept = prefix.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1]) if kept else b""
