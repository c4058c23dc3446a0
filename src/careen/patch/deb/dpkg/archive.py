"""Reader of Debian package files (deb(5)): an ar archive with two tar files.

Everything stays in memory, nothing is extracted, and every size is bounded.
"""

import hashlib
import io
import lzma
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from careen.errors import ImageError
from careen.formats.dpkg_status import Paragraph, split_status
from careen.model.entry import EntryKind
from careen.oci.extents import BytesPart, Extents
from careen.oci.tar.read import Member, content_of, read_members

MAX_FILE = 1 << 30
MAX_DATA = 2 << 30
MAX_CONTROL = 64 << 20
MAX_MEMBERS = 200_000

_MAGIC = b"!<arch>\n"
_HEADER = 60
_MOST_PARTS = 16
_CHUNK = 1 << 20
_XZ_MEMORY = 256 << 20
_ZSTD_WINDOW = 128 << 20


@dataclass(frozen=True, slots=True)
class DebMember:
    """Path of a package, absolute (`/usr/bin/x`; `/` for the root).

    A hard link has the content of the file named by `same_as`.
    """

    path: str
    kind: EntryKind
    mode: int
    uid: int
    gid: int
    mtime: float
    target: str
    content: bytes
    same_as: str = ""


@dataclass(frozen=True, slots=True)
class DebFile:
    """Contents of a package file.

    `control` maps the names in its control archive to their contents, `paragraph` holds the control
    file's fields, and `members` its paths in archive order.
    """

    control: Mapping[str, bytes]
    paragraph: Paragraph
    members: tuple[DebMember, ...]

    def conffiles(self) -> frozenset[str]:
        """Return the paths of the package's configuration files."""
        lines = self.control.get("conffiles", b"").decode("utf-8", "surrogateescape").splitlines()
        return frozenset(line.strip() for line in lines if line.startswith("/"))

    def paths(self) -> frozenset[str]:
        """Return all paths of the package."""
        return frozenset(member.path for member in self.members)


def read_deb(data: bytes, sha256: str, where: str) -> DebFile:
    """Read a package file and check its SHA-256 (hex).

    Raises ImageError for another digest and for a malformed file.
    """
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        msg = f"{where}: its sha256 is {found}, and the signed index says {sha256}"
        raise ImageError(msg)
    control: Mapping[str, bytes] | None = None
    members: tuple[DebMember, ...] | None = None
    for name, part in _parts(data, where):
        if name.startswith("control.tar") and control is None:
            control = _control(_unpacked(name, part, MAX_CONTROL, where), where)
        elif name.startswith("data.tar") and members is None:
            members = _members(_unpacked(name, part, MAX_DATA, where), where)
    if control is None or members is None or "control" not in control:
        msg = f"{where}: a package file without control.tar, its control file, or data.tar"
        raise ImageError(msg)
    paragraphs = split_status(control["control"], f"{where}: control")
    if len(paragraphs) != 1:
        msg = f"{where}: its control file has {len(paragraphs)} paragraphs, expected one"
        raise ImageError(msg)
    return DebFile(control, paragraphs[0], members)


def _parts(data: bytes, where: str) -> Iterator[tuple[str, bytes]]:
    if not data.startswith(_MAGIC):
        msg = f"{where}: not an ar archive"
        raise ImageError(msg)
    at = len(_MAGIC)
    for _ in range(_MOST_PARTS):
        if at >= len(data):
            return
        header = data[at : at + _HEADER]
        size = header[48:58].strip()
        if (
            len(header) < _HEADER
            or header[58:] != b"`\n"
            or not size.isdigit()
            or at + _HEADER + int(size) > len(data)
        ):
            msg = f"{where}: a damaged ar archive at byte {at}"
            raise ImageError(msg)
        begin = at + _HEADER
        yield (
            header[:16].decode("ascii", "replace").strip().removesuffix("/"),
            data[begin : begin + int(size)],
        )
        at = begin + int(size) + int(size) % 2


def _unpacked(name: str, packed: bytes, limit: int, where: str) -> bytes:
    suffix = name.rpartition(".")[2]
    out = bytearray()
    try:
        for chunk in _chunks(suffix, packed, where):
            out += chunk
            if len(out) > limit:
                msg = f"{where}: {name} is larger than the {limit >> 20} MiB that are read of one"
                raise ImageError(msg)
    except (lzma.LZMAError, zlib.error, EOFError) as error:
        msg = f"{where}: {name} is damaged ({error})"
        raise ImageError(msg) from error
    return bytes(out)


def _chunks(suffix: str, packed: bytes, where: str) -> Iterator[bytes]:
    match suffix:
        case "tar":
            yield packed
        case "xz":
            engine = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
            data = packed
            while not engine.eof:
                out = engine.decompress(data, _CHUNK)
                data = b""
                if not out and not engine.eof and engine.needs_input:
                    raise EOFError("it ends within the stream")
                yield out
        case "gz":
            gunzip = zlib.decompressobj(wbits=31)
            data = packed
            while not gunzip.eof:
                out = gunzip.decompress(data, _CHUNK)
                data = gunzip.unconsumed_tail
                if not out and not data and not gunzip.eof:
                    raise EOFError("it ends within the stream")
                yield out
        case "zst":
            yield from _unzstd(packed, where)
        case _:
            msg = (
                f"{where}: packed as {suffix!r}, which is not read; known are xz, zst, gz and none"
            )
            raise ImageError(msg)


def _unzstd(packed: bytes, where: str) -> Iterator[bytes]:
    import zstandard

    stream: BinaryIO = io.BytesIO(packed)
    try:
        with zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).stream_reader(
            stream, closefd=False
        ) as reader:
            while chunk := reader.read(_CHUNK):
                yield chunk
    except zstandard.ZstdError as error:
        msg = f"{where}: a damaged zstd stream ({error})"
        raise ImageError(msg) from error


def _control(tar: bytes, where: str) -> dict[str, bytes]:
    source = Extents([BytesPart(tar)])
    return {
        member.name.removeprefix("./"): _content(source, member)
        for member in read_members(source, f"{where}: control.tar", MAX_MEMBERS)
        if member.kind is EntryKind.FILE
        and not member.hard_link
        and "/" not in member.name.removeprefix("./")
    }


def _members(tar: bytes, where: str) -> tuple[DebMember, ...]:
    source = Extents([BytesPart(tar)])
    out: dict[str, DebMember] = {}
    for member in read_members(source, f"{where}: data.tar", MAX_MEMBERS):
        path = _path(member.name, where)
        content, same_as = b"", ""
        mode, uid, gid = member.mode, member.uid, member.gid
        if member.hard_link:
            first = out.get(_path(member.link, where))
            if first is None or first.kind is not EntryKind.FILE:
                msg = (
                    f"{where}: {path}: a hard link to {member.link!r}, which did not come before it"
                )
                raise ImageError(msg)
            content, same_as, mode, uid, gid = (
                first.content,
                first.same_as or first.path,
                first.mode,
                first.uid,
                first.gid,
            )
        elif member.kind is EntryKind.FILE:
            content = _content(source, member)
        elif member.kind not in (EntryKind.DIRECTORY, EntryKind.SYMLINK):
            msg = f"{where}: {path}: a {member.kind.value} in a package is not placed"
            raise ImageError(msg)
        target = member.link if member.kind is EntryKind.SYMLINK else ""
        out[path] = DebMember(
            path, member.kind, mode & 0o7777, uid, gid, member.mtime, target, content, same_as
        )
    return tuple(out.values())


def _path(name: str, where: str) -> str:
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts or "\0" in name or "\n" in name:
        msg = f"{where}: a path that leaves the root or breaks a line: {name[:80]!r}"
        raise ImageError(msg)
    return "/" + "/".join(parts)


def _content(source: Extents, member: Member) -> bytes:
    return content_of(source, member.data, member.size, member.sparse).read_at(0, member.size)
