"""The MAC of OpenSSL's FIPS provider: computed, and compared with a `fipsmodule.cnf`.

The key is public, and in the provider itself: the MAC shows that a file is whole, and says nothing
about who built it. Source: providers/fips/self_test.c.
"""

import hashlib
import hmac
from typing import BinaryIO

KEY = bytes.fromhex("f4556650ac31d35461610bac4ed81b1a181b2d8a43ea2854cbae22ca74560813")
_PIECE = 1 << 20


def module_mac(stream: BinaryIO) -> str:
    """Return the MAC of a provider's file, as `fipsmodule.cnf` writes it."""
    mac = hmac.new(KEY, digestmod=hashlib.sha256)
    while piece := stream.read(_PIECE):
        mac.update(piece)
    text = mac.hexdigest().upper()
    return ":".join(text[at : at + 2] for at in range(0, len(text), 2))


def same_mac(one: str, other: str) -> bool:
    """Return whether two texts state the same MAC."""
    return one.replace(":", "").upper() == other.replace(":", "").upper()
