"""Export and import of the database as one file, for air-gapped machines.

The file is zstd: `zstd -d` gives the SQLite file. A skippable first frame holds JSON: format, size
and SHA-256 of the database, and its feeds.
"""

import hashlib
import json
import os
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import zstandard

from careen.advisories.database.replace import replace_database, whole_file
from careen.advisories.database.schema import FORMAT, opened
from careen.advisories.database.store import Store, open_store
from careen.errors import ConfigError, InputError
from careen.model.findings.advisory import Feed

_SKIPPABLE = 0x184D2A5C
_KIND = "careen-advisories"
_LONGEST_HEADER = 1 << 20
_LARGEST = 64 << 30  # bytes of the unpacked database; limits decompression bombs
_LEVEL = 10
_SQLITE = b"SQLite format 3\0"
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: sizes in bytes, the database's SHA-256 in hexadecimal."""

    path: Path
    size: int
    database_size: int
    digest: str
    feeds: tuple[Feed, ...]


def is_database(path: Path) -> bool:
    """Return whether a file is an export or a database. Raises OSError."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        head = stream.read(16)
    return head == _SQLITE or head.startswith(struct.pack("<I", _SKIPPABLE))


def export_database(db: Path, target: Path) -> Exported:
    """Write the database to one file, atomically.

    Raises ConfigError (the database is not sound) or ToolError (the target cannot be written).
    """
    with open_store(db) as store:
        feeds = store.feeds()
    size = db.stat().st_size
    with db.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    header = json.dumps(
        {
            "kind": _KIND,
            "format": FORMAT,
            "size": size,
            "sha256": digest,
            "feeds": [asdict(feed) for feed in feeds],
        }
    ).encode()
    with db.open("rb") as source, whole_file(target, "the export") as out:
        out.write(struct.pack("<II", _SKIPPABLE, len(header)) + header)
        zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).copy_stream(
            source, out, size=size
        )
    return Exported(target, target.stat().st_size, size, digest, feeds)


@contextmanager
def unpacked(path: Path, scratch: Path) -> Iterator[Path]:
    """Yield the path of an export's database, checked by SHA-256; use in a `with` block.

    It is unpacked into the directory `scratch`. A plain database is returned as it is. Raises
    InputError if the file is missing, not an export, truncated or damaged.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(len(_SQLITE))
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror or error}; name an export or a database"
        raise InputError(msg) from error
    if head == _SQLITE:
        yield path
        return
    handle, name = tempfile.mkstemp(prefix=".careen-", suffix=".building", dir=scratch)
    os.close(handle)
    try:
        _unpack(path, Path(name))
        yield Path(name)
    finally:
        # It may be gone: an import removes what a killed one left.
        Path(name).unlink(missing_ok=True)


def _unpack(path: Path, target: Path) -> None:
    with path.open("rb") as stream:
        header = _header(path, stream.read(8), stream.read(_LONGEST_HEADER))
        stream.seek(8 + header.length)
        digest, size = hashlib.sha256(), 0
        try:
            with (
                target.open("wb") as out,
                zstandard.ZstdDecompressor().stream_reader(stream) as plain,
            ):
                while piece := plain.read(_PIECE):
                    size += len(piece)
                    if size > header.size:
                        break
                    digest.update(piece)
                    out.write(piece)
        except zstandard.ZstdError as error:
            msg = f"{path}: damaged or cut off ({error}); copy it again"
            raise InputError(msg) from error
    if size != header.size or digest.hexdigest() != header.digest:
        msg = (
            f"{path}: cut off or damaged: expected {header.size} bytes with sha256 {header.digest},"
            f" got {size} with {digest.hexdigest()}; copy it again"
        )
        raise InputError(msg)


@dataclass(frozen=True, slots=True)
class _Header:
    length: int
    size: int
    digest: str


def _header(path: Path, frame: bytes, rest: bytes) -> _Header:
    try:
        magic, length = struct.unpack("<II", frame)
        content = json.loads(rest[:length])
        header = _Header(length, int(content["size"]), str(content["sha256"]))
        sound = magic == _SKIPPABLE and content["kind"] == _KIND and 0 < header.size <= _LARGEST
    except (struct.error, ValueError, KeyError, TypeError, RecursionError) as error:
        msg = f"{path}: not an export of an advisory database, or cut off"
        raise InputError(msg) from error
    if not sound or content.get("format") != FORMAT:
        msg = (
            f"{path}: an export of format {content.get('format')!r}, this version of careen reads"
            f" {FORMAT}"
        )
        raise InputError(msg)
    return header


def import_database(source: Path, db: Path, *, allow_smaller: bool = False) -> tuple[Feed, ...]:
    """Replace the database at `db` by an export or another database; return its feeds.

    Raises InputError if a feed would be lost or become older, unless `allow_smaller`.
    """
    try:
        db.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = (
            f"{db.parent}: cannot be made: {error.strerror}; name another file with --db, or set"
            " CAREEN_DB"
        )
        raise ConfigError(msg) from error
    with unpacked(source, db.parent) as plain:
        with opened(plain) as connection:
            feeds = Store(connection).feeds()
        if db.is_file() and not allow_smaller:
            _refuse_loss(source, db, feeds)
        replace_database(plain, db)
    return feeds


def _refuse_loss(source: Path, db: Path, feeds: tuple[Feed, ...]) -> None:
    dates = {feed.name: feed.date for feed in feeds}
    with open_store(db) as store:
        lost = [
            feed.name
            for feed in store.feeds()
            if feed.name not in dates or dates[feed.name] < feed.date
        ]
    if lost:
        msg = (
            f"{source}: the database {db} holds what it does not, or newer: {', '.join(lost)}; use"
            " --allow-smaller to replace it all the same"
        )
        raise InputError(msg)
