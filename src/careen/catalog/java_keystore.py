"""Java's list of certificate authorities without the time at which it was made.

The format (JKS 2): magic, version, count; for each entry a tag, an alias, milliseconds since 1970,
the certificate's type and its bytes; at the end a SHA-1 over the password, a constant and the rest.
"""

import hashlib
import struct

PATH = "/etc/ssl/certs/java/cacerts"
MAX_STORE = 16 << 20
_HEAD = struct.Struct(">III")
_MAGIC, _VERSION, _CERTIFICATE = 0xFEEDFEED, 2, 2
_DIGEST = 20
_SALT = "changeit".encode("utf-16-be") + b"Mighty Aphrodite"  # of the format, and Java's default


def with_times(store: bytes, seconds: int) -> bytes | None:
    """Return the store with one time for all entries, or None if it is another kind of store."""
    if len(store) < _HEAD.size + _DIGEST:
        return None
    magic, version, count = _HEAD.unpack_from(store)
    body = bytearray(store[:-_DIGEST])
    if (magic, version) != (_MAGIC, _VERSION) or _signed(bytes(body)) != store[-_DIGEST:]:
        return None
    at = _HEAD.size
    stamp = struct.pack(">Q", seconds * 1000)
    try:
        for _ in range(count):
            (tag,) = struct.unpack_from(">I", body, at)
            if tag != _CERTIFICATE:
                return None
            at = _after_text(body, at + 4)
            body[at : at + 8] = stamp
            at = _after_text(body, at + 8)
            (size,) = struct.unpack_from(">I", body, at)
            at += 4 + size
    except struct.error:
        return None
    return bytes(body) + _signed(bytes(body)) if at == len(body) else None


def _after_text(body: bytearray, at: int) -> int:
    (size,) = struct.unpack_from(">H", body, at)
    return at + 2 + int(size)


def _signed(body: bytes) -> bytes:
    return hashlib.sha1(_SALT + body, usedforsecurity=False).digest()
