"""Sizes as docker writes them: `64m`, `1g`, `1.5GiB`, or bytes."""

import re

from careen.errors import InputError

_SYNTAX = re.compile(r"(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?\Z", re.IGNORECASE | re.ASCII)
_POWERS = ("", "k", "m", "g", "t", "p")
_MOST = float(1 << 63)


def size_in_bytes(text: str, where: str) -> int:
    """Return the size in bytes; units are powers of 1024.

    Raises InputError, naming the option `where`.
    """
    match = _SYNTAX.match(text)
    if match is None or not 0 < float(match[1]) < _MOST:
        msg = f"{where} {text!r}: expected a size such as 64m or 1g"
        raise InputError(msg)
    return int(float(match[1]) * 1024 ** _POWERS.index(match[2].lower()))
