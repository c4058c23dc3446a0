"""Bounded reader of tar entries, in place: the position of each one's bytes, and its headers.

Follows Go's archive/tar where readers differ, because the engines use it: pax global headers change
nothing, links and directories have no data. Two different names for one entry are refused, since
readers disagree about which one holds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from careen.errors import ImageError
from careen.model.entry import EntryKind
from careen.oci.extents import Extents, Part, ZeroPart
from careen.oci.limits import MAX_EXTENDED, MAX_MEMBERS
from careen.oci.tar.header import BLOCK, Header, parse_header
from careen.oci.tar.pax import XATTR, Records, decimal, parse_records, seconds
from careen.oci.tar.sparse import SparseMap, checked, old_pairs, pax_pairs, stored_pairs

_WINDOW = 16 * 1024
_ZEROS = bytes(BLOCK)
_SCAN = 1 << 20
_NO_XATTRS: Mapping[str, bytes] = {}
_SPARSE = b"GNU.sparse."
_MAX_ID = (1 << 32) - 1
_MAX_MAJOR, _MAX_MINOR = (1 << 12) - 1, (1 << 20) - 1  # limits of Linux device numbers
_KINDS: Mapping[bytes, EntryKind] = {
    b"0": EntryKind.FILE,
    b"\0": EntryKind.FILE,
    b"S": EntryKind.FILE,
    b"1": EntryKind.FILE,
    b"2": EntryKind.SYMLINK,
    b"3": EntryKind.CHARACTER,
    b"4": EntryKind.BLOCK,
    b"5": EntryKind.DIRECTORY,
    b"6": EntryKind.FIFO,
}


@dataclass(frozen=True, slots=True)
class Member:
    """One entry: its headers and padded data are the bytes `start` to `end` of the tar file.

    The stored content starts at `data` and, unless `sparse`, has `size` bytes. `link` is a
    symlink's target, or with `hard_link` the name of another entry.
    """

    name: str
    kind: EntryKind
    hard_link: bool
    mode: int
    uid: int
    gid: int
    size: int
    mtime: float
    link: str
    device: tuple[int, int]
    xattrs: Mapping[str, bytes]
    start: int
    data: int
    end: int
    sparse: SparseMap | None


@dataclass(slots=True)
class _Pending:
    """Extended headers that precede an entry."""

    start: int
    records: Records = field(default_factory=list)
    name: bytes | None = None
    link: bytes | None = None


class _Reader:
    def __init__(self, source: Extents, where: str) -> None:
        self.source = source
        self.where = where
        self._base = 0
        self._window = b""

    def block(self, at: int) -> bytes:
        within = at - self._base
        if not 0 <= within <= len(self._window) - BLOCK:
            self._base, within = at, 0
            # Headers alone are wanted: a content in a file of its own is not opened for them.
            self._window = self.source.read_near(at, _WINDOW)
            if len(self._window) < BLOCK:
                self._window = self.source.read_at(at, BLOCK)
        return self._window[within : within + BLOCK]

    def place(self, at: int) -> str:
        return f"{self.where}, tar entry at byte {at}"

    def data_end(self, at: int, size: int, place: str) -> int:
        end = at + -(-size // BLOCK) * BLOCK
        if end > self.source.size:
            msg = (
                f"{place}: truncated, {size} bytes of content are declared and"
                f" {max(0, self.source.size - at)} are there"
            )
            raise ImageError(msg)
        return end

    def extended(self, at: int, size: int, place: str) -> bytes:
        if size > MAX_EXTENDED:
            msg = f"{place}: extended header of {size} bytes; at most {MAX_EXTENDED} are read"
            raise ImageError(msg)
        return self.source.read_at(at, size)

    def check_trailer(self, at: int) -> None:
        """Raise ImageError if anything but zeros follows the end marker."""
        # Some readers would see a second tar file there, and others would not.
        while chunk := self.source.read_at(at, _SCAN):
            if chunk.count(0) != len(chunk):
                msg = (
                    f"{self.where}: data after the end of the tar file, near byte {at}: two files"
                    " were joined, or something is hidden there"
                )
                raise ImageError(msg)
            at += len(chunk)


def read_members(source: Extents, where: str, limit: int = MAX_MEMBERS) -> Iterator[Member]:
    """Yield the entries of a tar file in order, at most `limit`.

    The end marker may be missing, as in Go's reader. Raises ImageError for any damage, for a file
    that ends within an entry, and for data after the marker.
    """
    reader = _Reader(source, where)
    at = count = 0
    pending: _Pending | None = None
    while at < source.size:
        block = reader.block(at)
        place = reader.place(at)
        if len(block) < BLOCK:
            msg = f"{place}: truncated within a header"
            raise ImageError(msg)
        if block == _ZEROS:
            if pending is not None:
                break
            reader.check_trailer(at)
            return
        header = parse_header(block, place)
        if header.kind in b"xLKg":
            end = reader.data_end(at + BLOCK, header.size, place)
            data = reader.extended(at + BLOCK, header.size, place)
            if header.kind != b"g":
                pending = pending or _Pending(at)
                _keep(pending, header.kind, data, place)
            at = end
        else:
            member = _member(reader, header, block, at, pending or _Pending(at))
            count += 1
            if count > limit:
                msg = f"{where}: more than {limit} entries"
                raise ImageError(msg)
            yield member
            at, pending = member.end, None
    if pending is not None:
        msg = (
            f"{reader.place(pending.start)}: an extended header without its entry: the tar file is"
            " truncated"
        )
        raise ImageError(msg)


def _keep(pending: _Pending, kind: bytes, data: bytes, place: str) -> None:
    if kind == b"x" and not pending.records:
        pending.records = parse_records(data, place)
    elif kind == b"L" and pending.name is None:
        pending.name = data.partition(b"\0")[0]
    elif kind == b"K" and pending.link is None:
        pending.link = data.partition(b"\0")[0]
    else:
        msg = f"{place}: a second extended header of type {kind.decode()!r} for one entry"
        raise ImageError(msg)


def _one_of(stored: bytes, gnu: bytes | None, pax: bytes | None, place: str) -> str:
    if gnu is not None and pax is not None and gnu != pax:
        msg = f"{place}: two names for one entry: {gnu[:80]!r} and {pax[:80]!r}"
        raise ImageError(msg)
    chosen = gnu if gnu is not None else pax if pax is not None else stored
    return chosen.decode("utf-8", "surrogateescape")


def _stated(records: Records) -> dict[bytes, bytes]:
    """Return the last value of each key; an empty one leaves the header's own field as it is."""
    # An attribute may be empty. A part of a sparse map may not, which is found later.
    kept = (XATTR, _SPARSE)
    return {key: value for key, value in dict(records).items() if value or key.startswith(kept)}


def _member(reader: _Reader, header: Header, block: bytes, at: int, pending: _Pending) -> Member:
    place = reader.place(at)
    pax = _stated(pending.records) if pending.records else {}
    named = pax.get(b"GNU.sparse.name") or pax.get(b"path")
    name = _one_of(header.name, pending.name, named, place)
    kind = _KINDS.get(header.kind)
    if kind is None:
        msg = f"{place}: unknown type {header.kind!r} of {name[:80]!r}"
        raise ImageError(msg)
    if header.kind == b"\0" and name.endswith("/"):
        kind = EntryKind.DIRECTORY
    hard_link = header.kind == b"1"
    stored = decimal(pax[b"size"], "size", place) if b"size" in pax else header.size
    data, size, sparse = at + BLOCK, 0, None
    end = data
    if kind is EntryKind.FILE and not hard_link:
        size = stored
        if header.kind == b"S" or any(key.startswith(_SPARSE) for key in pax):
            data, end, size, sparse = _sparse(
                reader, header.kind, block, pending.records, stored, at
            )
        else:
            end = reader.data_end(data, size, place)
    uid = decimal(pax[b"uid"], "uid", place) if b"uid" in pax else header.uid
    gid = decimal(pax[b"gid"], "gid", place) if b"gid" in pax else header.gid
    if not (0 <= uid <= _MAX_ID and 0 <= gid <= _MAX_ID):
        msg = f"{place}: owner {uid}:{gid} of {name[:80]!r} is out of range"
        raise ImageError(msg)
    if not (0 <= header.device[0] <= _MAX_MAJOR and 0 <= header.device[1] <= _MAX_MINOR):
        msg = (
            f"{place}: device number {header.device[0]}:{header.device[1]} of {name[:80]!r} is out"
            " of range"
        )
        raise ImageError(msg)
    xattrs = (
        {
            key[len(XATTR) :].decode("utf-8", "surrogateescape"): value
            for key, value in pax.items()
            if key.startswith(XATTR)
        }
        if pax
        else _NO_XATTRS
    )
    if any(not key or "\0" in key for key in xattrs):
        msg = (
            f"{place}: an extended attribute of {name[:80]!r} has an empty name, or a NUL byte"
            " in it"
        )
        raise ImageError(msg)
    return Member(
        name=name,
        kind=kind,
        hard_link=hard_link,
        mode=header.mode & 0o7777,
        uid=uid,
        gid=gid,
        size=size,
        mtime=seconds(pax[b"mtime"], place) if b"mtime" in pax else float(header.mtime),
        link=(
            _one_of(header.link, pending.link, pax.get(b"linkpath"), place)
            if header.kind in b"12"
            else ""
        ),
        device=header.device,
        xattrs=xattrs or _NO_XATTRS,
        start=pending.start,
        data=data,
        end=end,
        sparse=sparse,
    )


def _sparse(
    reader: _Reader, kind: bytes, block: bytes, records: Records, stored: int, at: int
) -> tuple[int, int, int, SparseMap]:
    """Return the start and end of the data, the real size and the map."""
    place = reader.place(at)
    data = at + BLOCK
    if kind == b"S":
        pairs, real, data = old_pairs(reader.source, block, data, place)
        end = reader.data_end(data, stored, place)
        return data, end, real, checked(pairs, real, stored, place)
    pax = dict(records)
    end = reader.data_end(data, stored, place)
    version = (pax.get(b"GNU.sparse.major", b"0"), pax.get(b"GNU.sparse.minor", b"0"))
    size_key = b"GNU.sparse.realsize" if b"GNU.sparse.realsize" in pax else b"GNU.sparse.size"
    real = decimal(pax.get(size_key, b""), "sparse size", place)
    if version == (b"1", b"0"):
        found, taken = stored_pairs(reader.source, data, end, place)
        return data + taken, end, real, checked(found, real, stored - taken, place)
    listed = pax_pairs(records, place) if version[0] == b"0" else None
    if listed is None:
        msg = (
            f"{place}: sparse file in unknown format"
            f" {version[0].decode('ascii', 'replace')}.{version[1].decode('ascii', 'replace')}"
        )
        raise ImageError(msg)
    return data, end, real, checked(listed, real, stored, place)


def content_of(source: Extents, data: int, size: int, sparse: SparseMap | None) -> Extents:
    """Return a file's content in the tar file `source`, holes filled with zeros."""
    if sparse is None:
        return Extents(source.slice(data, size))
    parts: list[Part] = []
    at = 0
    for offset, length, stored in sparse:
        parts.append(ZeroPart(offset - at))
        parts.extend(source.slice(data + stored, length))
        at = offset + length
    parts.append(ZeroPart(size - at))
    return Extents(parts)
