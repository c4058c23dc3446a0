"""Packages and used files of an image, in units that images share."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from careen.fleet.packages import PackageRow, row_of
from careen.fleet.store.intern import Interned
from careen.fleet.store.port import Database
from careen.fleet.texts import LONGEST_KEY, raw, stored
from careen.fleet.units import FILES, PACKAGES, Unit, packed, units
from careen.model.fleet.facts import FileFact, ImageFacts, Usage
from careen.model.packages.package import Package

UNKNOWN_PORTS = "?"
MOST_ROWS = 200_000
"""Rows of packages in memory."""


class _Member(NamedTuple):
    """A package (its digest) and its record, or a used file (its digest), its path and its use."""

    key: bytes
    path: bytes
    used: bytes = b""


_Named = tuple[bytes, bytes, _Member]


class Members:
    """The tables of packages, files, uses and units of one open store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._packages = Interned(
            database, "package", "digest, kind, namespace, name, version, source, purl, facts"
        )
        self._files = Interned(database, "file", "sha256", "sha256")
        self._used = Interned(database, "used", "digest, grade, workload, program, ports")
        self._units = Interned(database, "unit", "digest")
        self._paths = _Paths(database)
        self._rows: dict[tuple[str, ...], PackageRow] = {}

    def forget(self) -> None:
        """Empty the caches of numbers."""
        for table in (self._packages, self._files, self._used, self._units, self._paths):
            table.forget()

    def put(self, image: int, facts: ImageFacts) -> None:
        """Put the packages and used files of an image."""
        rows = {package.purl: self._row(package) for package in facts.packages or ()}
        found = self._package_units(facts.packages or (), rows)
        found += self._file_units(facts.files or ())
        self._database.many(
            "INSERT INTO image_unit (unit, image) VALUES (?, ?)",
            [(unit, image) for unit in dict.fromkeys(found)],
        )
        usages = [(rows[purl], usage) for purl, usage in facts.usages if purl in rows]
        self._put_usages(image, usages)

    def _row(self, package: Package) -> PackageRow:
        """Return the row of a package; most are those of other images."""
        key = (
            package.purl,
            package.version,
            package.name,
            package.source,
            package.architecture,
            package.module,
            package.presence.value,
            package.ecosystem.value,
        )
        known = self._rows.get(key)
        if known is None:
            if len(self._rows) >= MOST_ROWS:
                self._rows.clear()
            known = self._rows[key] = row_of(package)
        return known

    def _put_usages(self, image: int, usages: Sequence[tuple[PackageRow, Usage]]) -> None:
        by_digest = {row.digest: row for row, _ in usages}
        packages, _ = self._packages.numbers(by_digest, lambda key: by_digest[key].values)
        used = self._use_numbers(usage for _, usage in usages)
        self._database.many(
            "INSERT INTO image_package (package, image, used) VALUES (?, ?, ?)",
            [
                (number, image, use)
                for number, use in {
                    packages[row.digest]: used[_use_key(usage)] for row, usage in usages
                }.items()
            ],
        )

    def _package_units(
        self, packages: Iterable[Package], rows: Mapping[str, PackageRow]
    ) -> list[int]:
        members: list[_Named] = []
        for package in packages:
            row, record = rows[package.purl], raw(package.record)
            name = packed(row.kind.encode(), row.name.encode())
            member = _Member(row.digest, record)
            members.append((name, packed(row.digest, record), member))
        by_digest = {row.digest: row for row in rows.values()}
        new, numbers = self._put_units(members, PACKAGES, b"packages\0")
        inside = [(each, unit) for unit, group in new for each in group.members]
        keys, _ = self._packages.numbers(
            (each.key for each, _ in inside), lambda key: by_digest[key].values
        )
        paths = self._paths.numbers(each.path for each, _ in inside)
        self._database.many(
            "INSERT INTO unit_package (package, unit, path) VALUES (?, ?, ?)",
            [(keys[each.key], unit, paths[each.path]) for each, unit in inside],
        )
        return numbers

    def _file_units(self, files: Iterable[FileFact]) -> list[int]:
        uses: dict[bytes, Usage] = {}
        keys_of: dict[int, bytes] = {}  # by identity: a hundred uses for ten thousand files
        members: list[_Named] = []
        for file in files:
            key = keys_of.get(id(file.usage))
            if key is None:
                key = keys_of[id(file.usage)] = _use_key(file.usage)
                uses[key] = file.usage
            path, digest = raw(file.path), bytes.fromhex(file.sha256)
            members.append(
                (path, b"%d:%b%b%b" % (len(path), path, digest, key), _Member(digest, path, key))
            )
        new, numbers = self._put_units(members, FILES, b"files\0")
        inside = [(each, unit) for unit, group in new for each in group.members]
        keys, _ = self._files.numbers((each.key for each, _ in inside), lambda key: (key,))
        used = self._use_numbers(uses[each.used] for each, _ in inside)
        paths = self._paths.numbers(each.path for each, _ in inside)
        self._database.many(
            "INSERT INTO unit_file (path, unit, file, used) VALUES (?, ?, ?, ?)",
            [(paths[each.path], unit, keys[each.key], used[each.used]) for each, unit in inside],
        )
        return numbers

    def _put_units(
        self, members: Iterable[_Named], mean: int, kind: bytes
    ) -> tuple[list[tuple[int, Unit[_Member]]], list[int]]:
        """Return the units that are new, with their numbers, and the numbers of all."""
        found = {unit.digest: unit for unit in units(members, mean, kind)}
        numbers, new = self._units.numbers(found, lambda key: (key,))
        return [(numbers[key], found[key]) for key in new], [numbers[key] for key in found]

    def _use_numbers(self, usages: Iterable[Usage]) -> Mapping[bytes, int]:
        by_key = {_use_key(usage): usage for usage in usages}
        return self._used.numbers(by_key, lambda key: (key, *_use_values(by_key[key])))[0]


class _Paths:
    """Numbers of paths: an `Interned` whose key is the path's digest."""

    def __init__(self, database: Database) -> None:
        self._table = Interned(database, "path", "digest, name, path")

    def forget(self) -> None:
        self._table.forget()

    def numbers(self, paths: Iterable[bytes]) -> Mapping[bytes, int]:
        by_key = {hashlib.blake2b(path, digest_size=16).digest(): path for path in paths}
        numbers, _ = self._table.numbers(
            by_key, lambda key: (key, file_name(by_key[key]), by_key[key])
        )
        return {path: numbers[key] for key, path in by_key.items()}


def file_name(path: bytes) -> bytes:
    """Return the last part of a path, as it is looked up."""
    return path.rpartition(b"/")[2][:LONGEST_KEY]


def _use_values(usage: Usage) -> tuple[int, str, bytes, str]:
    return (
        usage.grade.number,
        stored(usage.workload),
        raw(usage.program),
        UNKNOWN_PORTS if usage.ports is None else " ".join(map(str, usage.ports)),
    )


def _use_key(usage: Usage) -> bytes:
    grade, workload, program, ports = _use_values(usage)
    return packed(b"%d" % grade, workload.encode(), program, ports.encode())
