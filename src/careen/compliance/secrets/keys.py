"""Private keys as texts: from the first line to the last."""

import re
from dataclasses import dataclass

from careen.oci.extents import Extents

NEAR = 8192  # a key of RSA with 8,192 bits has 6,400 bytes
FAR = 24576  # one of PGP with subkeys and a picture has more
_BODY = re.compile(rb"[0-9A-Za-z+/=]{40}")  # programs hold the first and the last line alone
_LINES = re.compile(rb"(?:\n[0-9A-Za-z+/=]{60,76}\r?){2}\n")
_END = b"-----END"
_LAST = 64  # bytes of the last line
_ADDED = b"\n-----END PRIVATE KEY-----"


@dataclass(frozen=True, slots=True)
class Key:
    """A private key for the scanner, and how many bytes of the file it is."""

    data: bytes
    size: int


def key_at(content: Extents, start: int) -> Key | None:
    """Return the private key that begins there, None if there is only its first line.

    One of many lines whose end is missing or far away gets a last line: the scanner asks for one.
    """
    data = content.read_at(start, FAR)
    long = _LINES.search(data, 0, NEAR) is not None
    end = data.find(_END, 0, FAR if long else NEAR)
    if end < 0:
        return Key(data[:NEAR] + _ADDED, NEAR) if long else None
    whole = data[: end + _LAST]
    return Key(whole, len(whole)) if _BODY.search(whole) else None
