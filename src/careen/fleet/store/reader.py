"""Queries of the store: index walks from a package or a file to the images that have it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import zstandard

from careen.errors import ConfigError
from careen.fleet.contents import UNKNOWN_PORTS
from careen.fleet.packages import package_of
from careen.fleet.store.images import Images
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


@dataclass(frozen=True, slots=True)
class Place:
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
        query = (
            "SELECT i.image, p.package, p.path FROM unit_package p JOIN image_unit i ON i.unit ="
            " p.unit WHERE p.package IN"
        )
        found = list(self._listed(query, packages))
        paths = self._by_number("SELECT id, path FROM path WHERE id IN", (row[2] for row in found))
        texts = {number: path_of(path) for number, (path,) in paths.items()}
        return [Place(image, package, texts[path]) for image, package, path in found]

    def using(self, packages: Sequence[int]) -> dict[tuple[int, int], Usage]:
        """Return the known uses of packages, by image and package: "executes", by one walk."""
        query = "SELECT image, package, used FROM image_package WHERE package IN"
        found = list(self._listed(query, packages))
        # Thousands of images use a package in the same few ways.
        uses = self._by_number(
            "SELECT id, grade, workload, program, ports FROM used WHERE id IN",
            (row[2] for row in found),
        )
        usages = {number: _usage(*use) for number, use in uses.items()}
        return {(image, package): usages[use] for image, package, use in found}

    def _by_number(self, query: str, numbers: Iterable[int]) -> dict[int, Row]:
        rows = self._listed(query, tuple(dict.fromkeys(numbers)))
        return {number: tuple(values) for number, *values in rows}

    def files(self, sha256: str) -> list[Place]:
        """Return where a used file is, by its content (hex)."""
        return [*self._files("f.sha256 IN", (bytes.fromhex(sha256),))]

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
        query = (
            "SELECT i.image, k.purl, t.path FROM unit_package p JOIN image_unit i ON i.unit ="
            " p.unit JOIN path t ON t.id = p.path JOIN package k ON k.id = p.package WHERE p.path IN"
        )
        records = (
            Place(image, purl, path_of(path)) for image, purl, path in self._listed(query, paths)
        )
        return [*self._files("t.id IN", paths), *records]

    def _files(self, condition: str, values: Sequence[Any]) -> Iterator[Place]:
        query = (
            "SELECT i.image, f.sha256, t.path, u.grade, u.workload, u.program, u.ports FROM"
            " unit_file x JOIN file f ON f.id = x.file JOIN path t ON t.id = x.path JOIN used u ON"
            f" u.id = x.used JOIN image_unit i ON i.unit = x.unit WHERE {condition}"
        )
        for image, sha256, path, *use in self._listed(query, values):
            yield Place(image, f"sha256:{bytes(sha256).hex()}", path_of(path), _usage(*use))

    def document_digests(self, digests: Iterable[str]) -> set[bytes]:
        """Return the SHA-256 of the current documents of the image that a digest names."""
        query = (
            "SELECT d.sha256 FROM image_digest g JOIN image_document i ON i.image = g.image JOIN"
            " document d ON d.id = i.document WHERE i.current = 1 AND g.digest IN"
        )
        rows = self._listed(query, tuple(map(indexed, digests)))
        return {bytes(row[0]) for row in rows}

    def documents(self, digests: Iterable[str]) -> list[StoredDocument]:
        """Return the current documents of the image that one of these digests names.

        Raises ConfigError for a document that is not as it was stored.
        """
        query = (
            "SELECT DISTINCT i.kind, d.size, d.content FROM image_digest g JOIN image_document i ON"
            " i.image = g.image JOIN document d ON d.id = i.document WHERE i.current = 1 AND g.digest IN"
        )
        out = []
        for kind, size, content in self._listed(query, tuple(map(indexed, digests))):
            try:
                plain = zstandard.ZstdDecompressor().decompress(
                    bytes(content), max_output_size=size
                )
            except zstandard.ZstdError as error:
                msg = f"{self._database.name}: a stored document is damaged ({error})"
                raise ConfigError(msg) from error
            out.append(StoredDocument(kind, plain))
        return out


def _usage(grade: int, workload: str, program: bytes, ports: str) -> Usage:
    listens = None if ports == UNKNOWN_PORTS else tuple(int(port) for port in ports.split())
    return Usage(grade_of(grade), workload, path_of(program), listens)


def _after(prefix: bytes) -> bytes:
    """Return the first text that sorts after all that begin with a prefix, b"" without one."""
    kept = prefix.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1]) if kept else b""
