"""Strict parser of a 512-byte tar header (POSIX ustar, GNU, star, v7), as in the engines."""

import re
from dataclasses import dataclass

from careen.errors import ImageError

BLOCK = 512
_OCTAL = re.compile(rb"[0-7]+\Z")
_MAX_CHECKSUM_BYTE = 127


@dataclass(frozen=True, slots=True)
class Header:
    """Header fields as stored; `kind` is the type flag, `size` the length of the data."""

    name: bytes
    mode: int
    uid: int
    gid: int
    size: int
    mtime: int
    kind: bytes
    link: bytes
    device: tuple[int, int]


def number(raw: bytes, where: str) -> int:
    """Return a numeric field, octal or base 256 (GNU, first bit set), or raise ImageError."""
    if raw[0] & 0x80:
        value = int.from_bytes(raw, "big") & ((1 << (8 * len(raw) - 1)) - 1)
        negative = bool(raw[0] & 0x40)
        return value - (1 << (8 * len(raw) - 1)) if negative else value
    digits = raw.strip(b" \0")
    if not digits.isdigit():
        digits = digits.partition(b"\0")[0].rstrip(b" ")
        if not digits:
            return 0
    if digits.strip(b"01234567"):
        msg = f"{where}: not a number in a tar header: {raw!r}"
        raise ImageError(msg)
    return int(digits, 8)


def _text(raw: bytes) -> bytes:
    return raw.partition(b"\0")[0]


def _prefix(block: bytes) -> bytes:
    magic = block[257:265]
    if magic[:6] == b"ustar\0":
        return _text(block[345:476] if block[508:512] == b"tar\0" else block[345:500])
    if magic == b"ustar  \0" and block[345]:
        # Go before 1.9 combined GNU's magic with POSIX's prefix for names over 100 bytes
        # (golang/go#12594). GNU has octal times here.
        times = (block[345:357], block[357:369])
        if any(
            not field[0] & 0x80 and not _OCTAL.match(field.strip(b" \0") or b"0") for field in times
        ):
            prefix = _text(block[345:500])
            return prefix if prefix.isascii() else b""
    return b""


def parse_header(block: bytes, where: str) -> Header:
    """Parse a header block that is not all zeros.

    Raises ImageError for a wrong checksum and for negative or broken numbers.
    """
    stored = number(block[148:156], where)
    total = sum(block) - sum(block[148:156]) + 8 * 32
    if stored != total and stored != total - 256 * sum(
        byte > _MAX_CHECKSUM_BYTE for byte in block[:148] + block[156:]
    ):
        msg = (
            f"{where}: tar header checksum is wrong (stored {stored}, computed {total}): the layer"
            " is damaged or not a tar file"
        )
        raise ImageError(msg)
    name = _text(block[:100])
    prefix = _prefix(block)
    kind = block[156:157]
    device = (
        (number(block[329:337], where), number(block[337:345], where)) if kind in b"34" else (0, 0)
    )
    size = number(block[124:136], where)
    if size < 0:
        msg = f"{where}: negative size {size} in a tar header"
        raise ImageError(msg)
    return Header(
        name=prefix + b"/" + name if prefix else name,
        mode=number(block[100:108], where),
        uid=number(block[108:116], where),
        gid=number(block[116:124], where),
        size=size,
        mtime=number(block[136:148], where),
        kind=kind,
        link=_text(block[157:257]),
        device=device,
    )
