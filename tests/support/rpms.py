"""rpm databases made from nothing: headers, and each of the three kinds of file that hold them.

The tool tests hold these against what rpm itself and libdb's db_load write.
"""

import sqlite3
import struct
import zlib
from collections.abc import Mapping, Sequence

from careen.formats import rpm_header as tag

INT32, STRING, BIN, STRING_ARRAY, I18N = 4, 6, 7, 8, 9
PAGE = 4096
BLOCK = 16

Value = str | int | Sequence[str] | Sequence[int]


def header(values: Mapping[int, Value]) -> bytes:
    """Return a header as a database holds it, without an immutable region."""
    index, data = [], b""
    for number, value in values.items():
        match value:
            case str():
                kind, count, raw = STRING, 1, value.encode("utf-8", "surrogateescape") + b"\0"
            case int():
                kind, count, raw = INT32, 1, struct.pack(">I", value)
            case _ if all(isinstance(item, int) for item in value):
                kind, count, raw = (
                    INT32,
                    len(value),
                    b"".join(struct.pack(">I", item) for item in value),
                )
            case _:
                kind, count, raw = (
                    STRING_ARRAY,
                    len(value),
                    b"".join(
                        str(item).encode("utf-8", "surrogateescape") + b"\0" for item in value
                    ),
                )
        data += b"\0" * (-len(data) % 4)
        index.append(struct.pack(">IIII", number, kind, len(data), count))
        data += raw
    return struct.pack(">II", len(index), len(data)) + b"".join(index) + data


def package(name: str, version: str, release: str, **more: Value) -> bytes:
    """Return the header of a package; `more` by the names of `careen.formats.rpm_header`, in lower
    case. `files` is split into its three tags.
    """
    values: dict[int, Value] = {tag.NAME: name, tag.VERSION: version, tag.RELEASE: release}
    files = more.pop("files", ())
    assert not isinstance(files, (str, int))
    paths = [str(path) for path in files]
    directories = sorted({path.rpartition("/")[0] + "/" for path in paths})
    if paths:
        values[tag.DIRINDEXES] = [
            directories.index(path.rpartition("/")[0] + "/") for path in paths
        ]
        values[tag.BASENAMES] = [path.rpartition("/")[2] for path in paths]
        values[tag.DIRNAMES] = directories
    values.update({getattr(tag, key.upper()): value for key, value in more.items()})
    return header(values)


def sqlite_database(blobs: Sequence[bytes]) -> bytes:
    """Return `rpmdb.sqlite` with the table that rpm reads."""
    with sqlite3.connect(":memory:") as database:
        database.execute(
            "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)"
        )
        database.executemany("INSERT INTO Packages (blob) VALUES (?)", [(blob,) for blob in blobs])
        database.commit()
        out = database.serialize()
    database.close()
    return out


def ndb_database(blobs: Sequence[bytes]) -> bytes:
    """Return `Packages.db`: one page of slots, then the blobs."""
    slots, body = b"", b""
    for number, blob in enumerate(blobs, 1):
        head = struct.pack("<4sIII", b"BlbS", number, 1, len(blob))
        padded = head + blob + b"\0" * (-(len(head) + len(blob) + 12) % BLOCK)
        slots += struct.pack(
            "<4sIII", b"Slot", number, (PAGE + len(body)) // BLOCK, (len(padded) + 12) // BLOCK
        )
        body += padded + struct.pack("<II4s", zlib.adler32(padded), len(blob), b"BlbE")
    empty = struct.pack("<4sIII", b"Slot", 0, 0, 0)
    start = struct.pack("<4sIII", b"RpmP", 0, 1, 1) + struct.pack("<IIII", len(blobs) + 1, 0, 0, 0)
    slots += empty * ((PAGE - len(start) - len(slots)) // len(empty))
    return start + slots + body


def bdb_database(blobs: Sequence[bytes], *, order: str = "<") -> bytes:
    """Return `Packages`: a first page, one page of the hash, and overflow pages for every header
    that is longer than a quarter of a page.
    """
    overflow: list[bytes] = []
    items = [(struct.pack(f"{order}I", 0), b"\x01" + struct.pack(f"{order}I", len(blobs) + 1))]
    for number, blob in enumerate(blobs, 1):
        if len(blob) <= PAGE // 4:
            value = b"\x01" + blob
        else:
            first = 2 + len(overflow)
            value = struct.pack(f"{order}B3xII", 3, first, len(blob))
            chunks = [blob[at : at + PAGE - 26] for at in range(0, len(blob), PAGE - 26)]
            for place, chunk in enumerate(chunks, first):
                following = place + 1 if place < first + len(chunks) - 1 else 0
                overflow.append(
                    (bdb_page(place, 7, 1, len(chunk), following, order) + chunk).ljust(PAGE, b"\0")
                )
        items.append((struct.pack(f"{order}I", number), value))
    offsets, page, end = [], bytearray(PAGE), PAGE
    for key, value in items:
        for item in (b"\x01" + key, value):
            end -= len(item)
            page[end : end + len(item)] = item
            offsets.append(end)
    head = bdb_page(1, 13, len(offsets), end, 0, order) + struct.pack(
        f"{order}{len(offsets)}H", *offsets
    )
    assert len(head) <= end, "the headers do not fit on one page"
    page[: len(head)] = head
    meta = bytearray(PAGE)
    struct.pack_into(f"{order}8xIIII", meta, 0, 0, 0x061561, 9, PAGE)
    meta[25] = 8
    struct.pack_into(f"{order}I", meta, 32, 1 + len(overflow))
    return bytes(meta) + bytes(page) + b"".join(overflow)


def bdb_page(
    number: int, kind: int, entries: int, offset: int, following: int, order: str = "<"
) -> bytes:
    """Return the 26 bytes at the beginning of a page."""
    return struct.pack(f"{order}8xIIIHHBB", number, 0, following, entries, offset, 0, kind)
