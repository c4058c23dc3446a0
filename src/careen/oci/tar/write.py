"""Writer of reproducible tar headers: POSIX ustar, plus a pax header for what does not fit."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from careen.model.entry import EntryKind
from careen.oci.tar.header import BLOCK

END = bytes(2 * BLOCK)
_FLAGS: Mapping[EntryKind, bytes] = {
    EntryKind.FILE: b"0",
    EntryKind.SYMLINK: b"2",
    EntryKind.CHARACTER: b"3",
    EntryKind.BLOCK: b"4",
    EntryKind.DIRECTORY: b"5",
    EntryKind.FIFO: b"6",
}
_NAME = 100
_EIGHT = 0o7777777
_TWELVE = 0o77777777777


@dataclass(frozen=True, slots=True)
class TarHeaderFields:
    """Content of a header; `name` is relative to the root, without a trailing slash.

    With `hard_link`, `link` names the target entry.
    """

    name: str
    kind: EntryKind
    mode: int
    uid: int = 0
    gid: int = 0
    size: int = 0
    mtime: float = 0.0
    link: str = ""
    hard_link: bool = False
    device: tuple[int, int] = (0, 0)
    xattrs: Mapping[str, bytes] = field(default_factory=dict)


def _record(key: bytes, value: bytes) -> bytes:
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return b"%d %s=%s\n" % (length, key, value)


def _octal(value: int, width: int) -> bytes:
    return b"%0*o\0" % (width - 1, value)


def _block(name: bytes, flag: bytes, link: bytes, numbers: Mapping[str, int]) -> bytes:
    block = bytearray(BLOCK)
    block[0 : len(name)] = name
    for key, at, width in (
        ("mode", 100, 8),
        ("uid", 108, 8),
        ("gid", 116, 8),
        ("size", 124, 12),
        ("mtime", 136, 12),
    ):
        block[at : at + width] = _octal(numbers.get(key, 0), width)
    block[148:156] = b" " * 8
    block[156:157] = flag
    block[157 : 157 + len(link)] = link
    block[257:265] = b"ustar\x0000"
    block[329:337] = _octal(numbers.get("major", 0), 8)
    block[337:345] = _octal(numbers.get("minor", 0), 8)
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def padding(size: int) -> int:
    """Return how many zeros follow `size` bytes of content."""
    return -size % BLOCK


def header(heading: TarHeaderFields) -> bytes:
    """Return all header blocks of an entry, pax header included; names keep their bytes."""
    name = heading.name.encode("utf-8", "surrogateescape") + (
        b"/" if heading.kind is EntryKind.DIRECTORY else b""
    )
    link = heading.link.encode("utf-8", "surrogateescape")
    records: list[tuple[bytes, bytes]] = []
    if len(name) > _NAME:
        records.append((b"path", name))
    if len(link) > _NAME:
        records.append((b"linkpath", link))
    numbers = {"mode": heading.mode, "major": heading.device[0], "minor": heading.device[1]}
    for key, value, limit in (
        ("uid", heading.uid, _EIGHT),
        ("gid", heading.gid, _EIGHT),
        ("size", heading.size, _TWELVE),
    ):
        numbers[key] = value if value <= limit else 0
        if value > limit:
            records.append((key.encode(), b"%d" % value))
    whole = int(heading.mtime)
    numbers["mtime"] = whole if 0 <= whole <= _TWELVE else 0
    if whole != heading.mtime or numbers["mtime"] != whole:
        records.append((b"mtime", f"{heading.mtime:.9f}".rstrip("0").rstrip(".").encode()))
    records.extend(
        (b"SCHILY.xattr." + key.encode("utf-8", "surrogateescape"), value)
        for key, value in sorted(heading.xattrs.items())
    )
    flag = b"1" if heading.hard_link else _FLAGS[heading.kind]
    block = _block(name[:_NAME], flag, link[:_NAME], numbers)
    if not records:
        return block
    body = b"".join(_record(key, value) for key, value in records)
    return (
        _block(b"PaxHeaders/" + name[:80], b"x", b"", {"mode": 0o644, "size": len(body)})
        + body
        + bytes(padding(len(body)))
        + block
    )
