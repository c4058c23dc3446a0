"""Tar entries byte by byte, as no writer would write them. `tarfile` puts names, sizes and types
right; here they stay wrong.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

BLOCK = 512
END = bytes(2 * BLOCK)
USTAR = b"ustar\x0000"
GNU = b"ustar  \x00"
V7 = bytes(8)

Records = tuple[tuple[bytes, bytes], ...]


class Spelling(Enum):
    """Where an entry's name stands: in its own header, in a pax header, or in one of GNU's."""

    HEADER = "header"
    PAX = "pax"
    GNU_LONG = "gnu"
    BOTH = "pax and gnu"
    PREFIX = "ustar prefix"


@dataclass(frozen=True, slots=True)
class Raw:
    """One entry. `decoy` is the name in the header itself when an extended header has the real one;
    `size` what is declared, if not the data's.
    """

    name: bytes
    kind: bytes = b"0"
    data: bytes = b""
    link: bytes = b""
    mode: int = 0o644
    device: tuple[int, int] = (0, 0)
    owner: int = 0
    pax: Records = ()
    magic: bytes = USTAR
    spelling: Spelling = Spelling.HEADER
    decoy: bytes = b"decoy"
    size: int | None = None
    before: bytes = b""
    sparse: bytes = b""


def record(key: bytes, value: bytes) -> bytes:
    """Return one line of a pax header."""
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest)
    while len(b"%d" % length) + len(rest) != length:
        length = len(b"%d" % length) + len(rest)
    return b"%d" % length + rest


def padded(data: bytes) -> bytes:
    """Return data filled with zeros to whole blocks."""
    return data + bytes(-len(data) % BLOCK)


def header(entry: Raw, size: int) -> bytes:
    """Return an entry's own 512 bytes; a name that is too long is cut."""
    block = bytearray(BLOCK)
    prefix, name = b"", entry.name
    if entry.spelling is Spelling.PREFIX:
        prefix, _, name = entry.name.rpartition(b"/")
    elif entry.spelling is not Spelling.HEADER:
        name = entry.decoy
    fields = (
        (0, name[:100]),
        (100, b"%07o\0" % entry.mode),
        (108, b"%07o\0" % entry.owner),
        (116, b"%07o\0" % entry.owner),
        (124, b"%011o\0" % size),
        (136, b"00000000000\0"),
        (156, entry.kind),
        (157, entry.link[:100]),
        (257, entry.magic),
        (329, b"%07o\0" % entry.device[0]),
        (337, b"%07o\0" % entry.device[1]),
        (345, prefix[:155]),
        (386 if entry.sparse else BLOCK, entry.sparse),
    )
    for at, value in fields:
        block[at : at + len(value)] = value
    block = block[:BLOCK]
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def extended(kind: bytes, data: bytes) -> bytes:
    """Return an extended header: `x` and `g` of pax, `L` and `K` of GNU."""
    return header(Raw(b"extended", kind), len(data)) + padded(data)


def encoded(entry: Raw) -> bytes:
    """Return an entry with its extended headers and its data."""
    records = list(entry.pax)
    out = entry.before
    if entry.spelling in (Spelling.PAX, Spelling.BOTH):
        records.append((b"path", entry.name))
    if len(entry.link) > 100:
        records.append((b"linkpath", entry.link))
    if records:
        out += extended(b"x", b"".join(record(key, value) for key, value in records))
    if entry.spelling in (Spelling.GNU_LONG, Spelling.BOTH):
        out += extended(b"L", entry.name + b"\0")
    return (
        out
        + header(entry, len(entry.data) if entry.size is None else entry.size)
        + padded(entry.data)
    )


def raw_layer(entries: Iterable[Raw]) -> bytes:
    """Return a tar file of the entries."""
    return b"".join(map(encoded, entries)) + END


def moved(entry: Raw, folder: bytes) -> Raw:
    """Return the entry below `folder`, a name without slashes; what leads its name (`/`, `./`)
    stays in front. Of links the hard and absolute ones follow.
    """
    link = entry.link
    if link and (entry.kind == b"1" or link.startswith(b"/")):
        link = _below(link, folder)
    return replace(entry, name=_below(entry.name, folder), link=link)


def _below(name: bytes, folder: bytes) -> bytes:
    rest = name
    while rest.startswith((b"/", b"./")):
        rest = rest[1:] if rest.startswith(b"/") else rest[2:]
    return name[: len(name) - len(rest)] + folder + b"/" + rest
