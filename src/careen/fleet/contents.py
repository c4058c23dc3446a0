"""Members of a unit as bytes: what the unit's digest covers, and all that its rows are made of."""

from collections.abc import Iterator
from typing import NamedTuple

from careen.fleet.texts import raw, stored
from careen.fleet.units import field_at, packed
from careen.model.fleet.facts import Usage

UNKNOWN_PORTS = "?"
_SHA256 = 32


class FileMember(NamedTuple):
    """A used file: its SHA-256, its path, and its use as `use_content` writes it."""

    digest: bytes
    path: bytes
    use: bytes


def package_content(digest: bytes, record: bytes) -> bytes:
    """Return a package as a member's content: the digest of its row, the path of its record."""
    return packed(digest, record)


def package_members(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the digest of each package of a unit, and the path of its record."""
    place = 0
    while place < len(content):
        digest, place = field_at(content, place)
        record, place = field_at(content, place)
        yield digest, record


def file_content(path: bytes, digest: bytes, use: bytes) -> bytes:
    """Return a used file as a member's content."""
    return b"%d:%b%b%b" % (len(path), path, digest, use)


def file_members(content: bytes) -> Iterator[FileMember]:
    """Yield the used files of a unit."""
    place = 0
    while place < len(content):
        path, start = field_at(content, place)
        use = start + _SHA256
        place = use
        for _ in range(4):
            _, place = field_at(content, place)
        yield FileMember(content[start:use], path, content[use:place])


def use_content(usage: Usage) -> bytes:
    """Return a use as bytes: its key in the store."""
    ports = UNKNOWN_PORTS if usage.ports is None else " ".join(map(str, usage.ports))
    return packed(
        b"%d" % usage.grade.number,
        stored(usage.workload).encode(),
        raw(usage.program),
        ports.encode(),
    )


def use_values(content: bytes) -> tuple[int, str, bytes, str]:
    """Return the grade, workload, program and ports of a use, as their columns have them."""
    grade, place = field_at(content, 0)
    workload, place = field_at(content, place)
    program, place = field_at(content, place)
    ports, _ = field_at(content, place)
    return int(grade), workload.decode(), program, ports.decode()
