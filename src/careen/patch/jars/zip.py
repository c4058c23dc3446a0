"""Replacement of entries in a zip archive.

Every other entry keeps its bytes, order, compression, time and attributes. The same input gives
the same bytes. What precedes the archive (the start script of an executable jar) stays, too.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from careen.errors import ImageError

MAX_ARCHIVE = 1 << 30
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_MAX_COMMENT = 0xFFFF
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _DESCRIPTOR, _UTF8 = 0x1, 0x8, 0x800
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Exchanged:
    """An entry's replacement: its name, mostly the old one, and its content."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Directory:
    """Bounds of the central directory; `shift` is the size of what precedes the archive."""

    start: int
    end: int
    shift: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry: its record in the central directory and the offset of its local header."""

    record: bytes
    name: bytes
    offset: int


def exchange(data: bytes, changes: Mapping[str, Exchanged], where: str) -> bytes:
    """Return the archive with some entries replaced, by name; each keeps its method.

    Raises ImageError if it cannot be changed in place: it is broken or encrypted, or a changed
    name occurs twice.
    """
    try:
        return _exchanged(data, changes, where)
    except (struct.error, IndexError, OverflowError) as error:
        raise _broken(where, f"a record is cut off: {error}") from error


def _exchanged(data: bytes, changes: Mapping[str, Exchanged], where: str) -> bytes:
    directory = _directory(data, where)
    entries = list(_entries(data, directory, where))
    order = sorted(entries, key=lambda entry: entry.offset)
    ends = {
        entry.offset: end
        for entry, end in zip(
            order, [*(entry.offset for entry in order[1:]), directory.start], strict=True
        )
    }
    if len(ends) != len(entries):
        raise _broken(where, "two entries have one place")
    wanted = {name.encode(): change for name, change in changes.items()}
    places = [entry.offset for entry in entries if entry.name in wanted]
    if len(places) != len(wanted):
        raise _broken(where, "an entry that is to be exchanged is not there, or there twice")
    out = bytearray(data[: order[0].offset] if order else data[: directory.start])
    records: dict[int, bytes] = {}
    for entry in order:
        at = len(out) - directory.shift
        change = wanted.get(entry.name)
        if change is None:
            out += data[entry.offset : ends[entry.offset]]
            records[entry.offset] = entry.record[:42] + struct.pack("<L", at) + entry.record[46:]
        else:
            local, record = _made(data, entry, change, at, where)
            out += local
            records[entry.offset] = record
    start = len(out)
    for entry in entries:
        out += records[entry.offset]
    return bytes(out) + _tail(data, directory, start, len(out), where)


def _made(
    data: bytes, entry: _Entry, change: Exchanged, at: int, where: str
) -> tuple[bytes, bytes]:
    """Return the local header with content, and the central record, of a replaced entry."""
    _, made_by, _, flags, method, time, date, *_ = _CENTRAL.unpack_from(entry.record)
    signature, needed, _, _, _, _, _, _, _, name_size, extra_size = _LOCAL.unpack_from(
        data, entry.offset
    )
    if signature != b"PK\3\4" or flags & _ENCRYPTED or method not in (_STORED, _DEFLATED):
        raise _broken(
            where,
            f"the entry {entry.name[:80]!r} is encrypted, or packed in a way that is not written",
        )
    start = entry.offset + _LOCAL.size + name_size
    name, crc, packed = (
        change.name.encode(),
        zlib.crc32(change.content),
        _packed(change.content, method),
    )
    flags = flags & ~_DESCRIPTOR | (0 if name.isascii() else _UTF8)
    sizes = (crc, len(packed), len(change.content))
    extra = _without_sizes(data[start : start + extra_size])
    local = (
        _LOCAL.pack(b"PK\3\4", needed, flags, method, time, date, *sizes, len(name), len(extra))
        + name
        + extra
        + packed
    )
    (
        _,
        _,
        needed,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        name_size,
        extra_size,
        comment_size,
        disk,
        internal,
        external,
        _,
    ) = _CENTRAL.unpack_from(entry.record)
    start = _CENTRAL.size + name_size
    extra, comment = (
        _without_sizes(entry.record[start : start + extra_size]),
        entry.record[start + extra_size :],
    )
    head = _CENTRAL.pack(
        b"PK\1\2",
        made_by,
        needed,
        flags,
        method,
        time,
        date,
        *sizes,
        len(name),
        len(extra),
        comment_size,
        disk,
        internal,
        external,
        at,
    )
    return local, head + name + extra + comment


def _packed(content: bytes, method: int) -> bytes:
    if method == _STORED:
        return content
    import deflate

    return bytes(deflate.deflate_compress(content, _LEVEL))


def _without_sizes(extra: bytes) -> bytes:
    """Drop the field with 64-bit sizes, which the written entry does not need."""
    out, at = b"", 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        if kind != 1:
            out += extra[at : at + 4 + size]
        at += 4 + size
    return out + extra[at:]


def _directory(data: bytes, where: str) -> _Directory:
    at = data.rfind(b"PK\5\6", max(0, len(data) - _END.size - _MAX_COMMENT))
    while at >= 0:
        _, disk, first, _, _, size, offset, comment = _END.unpack_from(data, at)
        if at + _END.size + comment == len(data):
            break
        at = data.rfind(b"PK\5\6", 0, at)
    else:
        raise _broken(where, "it has no end record")
    if disk or first:
        raise _broken(where, "it is one of several volumes")
    end = at
    if data[at - _LOCATOR.size : at - _LOCATOR.size + 4] == b"PK\6\7":
        end = at - _LOCATOR.size - _END64.size
        signature, *_, size, offset = _END64.unpack_from(data, max(end, 0))
        if signature != b"PK\6\6":
            raise _broken(where, "its end record of 64 bits is not where it should be")
    start = end - size
    if start < offset or start < 0:
        raise _broken(where, "its directory is not where it says")
    return _Directory(start, end, start - offset)


def _entries(data: bytes, directory: _Directory, where: str) -> Iterator[_Entry]:
    at = directory.start
    while at < directory.end:
        signature, *_, name_size, extra_size, comment_size, _, _, _, offset = _CENTRAL.unpack_from(
            data, at
        )
        size = _CENTRAL.size + name_size + extra_size + comment_size
        place = offset + directory.shift
        if signature != b"PK\1\2" or at + size > directory.end or place >= directory.start:
            raise _broken(where, f"its directory is broken at byte {at}")
        name = data[at + _CENTRAL.size : at + _CENTRAL.size + name_size]
        yield _Entry(data[at : at + size], name, place)
        at += size


def _tail(data: bytes, directory: _Directory, start: int, end: int, where: str) -> bytes:
    """Return the end records with the directory's new position."""
    tail = bytearray(data[directory.end :])
    offset, size = start - directory.shift, end - start
    if end > MAX_ARCHIVE:
        raise _broken(where, f"it would be larger than {MAX_ARCHIVE} bytes")
    if tail[:4] == b"PK\6\6":
        struct.pack_into("<2Q", tail, _END64.size - 16, size, offset)
        struct.pack_into("<Q", tail, _END64.size + 8, end - directory.shift)
    last = _END64.size + _LOCATOR.size if tail[:4] == b"PK\6\6" else 0
    # 0xFFFFFFFF refers to the 64-bit record
    if struct.unpack_from("<L", tail, last + 12)[0] != 0xFFFFFFFF:  # noqa: PLR2004
        struct.pack_into("<2L", tail, last + 12, size, offset)
    return bytes(tail)


def _broken(where: str, problem: str) -> ImageError:
    return ImageError(f"{where}: cannot be rewritten: {problem}")
