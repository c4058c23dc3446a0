"""Extended headers of the POSIX.1-2001 (pax) format: `LENGTH KEY=VALUE` lines before an entry."""

import re

from careen.errors import ImageError

_LENGTH = re.compile(rb"([1-9][0-9]{0,9}) ")
_DECIMAL = re.compile(rb"[0-9]{1,19}\Z")
_TIME = re.compile(rb"-?[0-9]{1,12}(?:\.[0-9]{0,32})?\Z")
XATTR = b"SCHILY.xattr."

Records = list[tuple[bytes, bytes]]


def parse_records(data: bytes, where: str) -> Records:
    """Return all records in order; a key may repeat (sparse format 0.0). Raises ImageError."""
    out: Records = []
    at = 0
    while at < len(data):
        match = _LENGTH.match(data, at)
        if match is None and not data[at:].strip(b"\0"):
            break
        end = at + int(match.group(1)) if match else 0
        key, equals, value = (
            data[match.end() : end - 1].partition(b"=") if match else (b"", b"", b"")
        )
        if end > len(data) or data[end - 1 : end] != b"\n" or not equals or not key:
            msg = f"{where}: damaged pax header at byte {at}: {data[at : at + 40]!r}"
            raise ImageError(msg)
        out.append((key, value))
        at = end
    return out


def decimal(value: bytes, what: str, where: str) -> int:
    """Return a decimal value that is not negative, or raise ImageError."""
    if not _DECIMAL.match(value):
        msg = f"{where}: pax {what} is not a number: {value[:40]!r}"
        raise ImageError(msg)
    return int(value)


def seconds(value: bytes, where: str) -> float:
    """Return a time in seconds since the epoch, with a fraction, or raise ImageError."""
    if not _TIME.match(value):
        msg = f"{where}: pax mtime is not a time: {value[:40]!r}"
        raise ImageError(msg)
    return float(value)
