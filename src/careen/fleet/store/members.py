"""Packages and used files of an image, in units that images share.

Of most units the store has the digest: then their members are not looked at.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from careen.fleet.contents import file_members, package_members, use_values
from careen.fleet.prepared import PreparedImage
from careen.fleet.store.intern import Interned
from careen.fleet.store.port import Database
from careen.fleet.texts import LONGEST_KEY
from careen.fleet.units import Unit


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

    def forget(self) -> None:
        """Empty the caches of numbers."""
        for table in (self._packages, self._files, self._used, self._units, self._paths):
            table.forget()

    def put(self, image: int, prepared: PreparedImage) -> None:
        """Put the packages and used files of an image."""
        found = self._package_units(prepared) + self._file_units(prepared.files)
        self._database.many(
            "INSERT INTO image_unit (unit, image) VALUES (?, ?)",
            [(unit, image) for unit in dict.fromkeys(found)],
        )
        self._put_usages(image, prepared)

    def _put_usages(self, image: int, prepared: PreparedImage) -> None:
        packages = self._package_numbers((key for key, _ in prepared.usages), prepared)
        used = self._use_numbers(use for _, use in prepared.usages)
        numbers = {packages[key]: used[use] for key, use in prepared.usages}
        self._database.many(
            "INSERT INTO image_package (package, image, used) VALUES (?, ?, ?)",
            [(package, image, use) for package, use in numbers.items()],
        )

    def _package_units(self, prepared: PreparedImage) -> list[int]:
        new, numbers = self._put_units(prepared.packages)
        inside = [
            (key, record, number)
            for number, unit in new
            for key, record in package_members(unit.content)
        ]
        keys = self._package_numbers((key for key, *_ in inside), prepared)
        paths = self._paths.numbers(record for _, record, _ in inside)
        self._database.many(
            "INSERT INTO unit_package (package, unit, path) VALUES (?, ?, ?)",
            [(keys[key], number, paths[record]) for key, record, number in inside],
        )
        return numbers

    def _package_numbers(
        self, digests: Iterable[bytes], prepared: PreparedImage
    ) -> Mapping[bytes, int]:
        by_digest = {row.digest: row for row in prepared.rows}
        return self._packages.numbers(digests, lambda key: by_digest[key].values)[0]

    def _file_units(self, units: Sequence[Unit]) -> list[int]:
        new, numbers = self._put_units(units)
        inside = [(file, number) for number, unit in new for file in file_members(unit.content)]
        keys, _ = self._files.numbers((file.digest for file, _ in inside), lambda key: (key,))
        used = self._use_numbers(file.use for file, _ in inside)
        paths = self._paths.numbers(file.path for file, _ in inside)
        self._database.many(
            "INSERT INTO unit_file (path, unit, file, used) VALUES (?, ?, ?, ?)",
            [
                (paths[file.path], number, keys[file.digest], used[file.use])
                for file, number in inside
            ],
        )
        return numbers

    def _put_units(self, units: Sequence[Unit]) -> tuple[list[tuple[int, Unit]], list[int]]:
        """Return the units that are new, with their numbers, and the numbers of all."""
        found = {unit.digest: unit for unit in units}
        numbers, new = self._units.numbers(found, lambda key: (key,))
        return [(numbers[key], found[key]) for key in new], [numbers[key] for key in found]

    def _use_numbers(self, uses: Iterable[bytes]) -> Mapping[bytes, int]:
        return self._used.numbers(uses, lambda key: (key, *use_values(key)))[0]


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
