"""String literals and absolute paths in Java classes (JVM specification, 4.4)."""

import re
from collections.abc import Iterable

ARCHIVES = (".jar", ".war", ".ear")
CLASS = ".class"
LOADERS = (b"loadLibrary", b"com/sun/jna/Native", b"SymbolLookup")
STARTERS = (b"java/lang/ProcessBuilder", b"java/lang/Runtime", b"java.lang.ProcessBuilder")
_MAGIC = b"\xca\xfe\xba\xbe"
_FIXED = {
    3: 4,
    4: 4,
    5: 8,
    6: 8,
    7: 2,
    8: 2,
    9: 4,
    10: 4,
    11: 4,
    12: 4,
    15: 3,
    16: 2,
    17: 4,
    18: 4,
    19: 2,
    20: 2,
}
"""Bytes after the tag of each kind of constant except text."""
_TEXT, _LITERAL, _WIDE = 1, 8, (5, 6)
_PATH = re.compile(rb"\x01\0(?=(.)/[\w@+,~-])", re.DOTALL)
_LITERAL_PATH = re.compile(rb"/[\w.@+,~/%-]+")


def literals_of(data: bytes, users: Iterable[bytes] = STARTERS) -> list[str]:
    """Return the string literals of a class that names one of `users`, in order.

    Names of classes and methods do not count. A broken class is read up to the fault.
    """
    if not data.startswith(_MAGIC) or not any(word in data for word in users):
        return []
    last, index, position = int.from_bytes(data[8:10], "big"), 1, 10
    found: dict[int, bytes] = {}
    literals: list[int] = []
    while index < last and position + 3 <= len(data):
        tag, following = data[position], int.from_bytes(data[position + 1 : position + 3], "big")
        if tag == _TEXT:
            found[index] = data[position + 3 : position + 3 + following]
            position += 3 + following
        elif tag in _FIXED:
            literals.extend([following] if tag == _LITERAL else ())
            position += 1 + _FIXED[tag]
        else:
            break
        index += 2 if tag in _WIDE else 1
    return [
        found[item].decode("utf-8", "replace") for item in dict.fromkeys(literals) if item in found
    ]


def paths_of(data: bytes) -> list[bytes]:
    """Return the constants of a class under 256 bytes that are absolute paths, sorted."""
    if not data.startswith(_MAGIC):
        return []
    # No name of a class, a method or a type begins with a slash.
    texts = {
        data[match.end() + 1 : match.end() + 1 + match.group(1)[0]]
        for match in _PATH.finditer(data)
    }
    return sorted(text for text in texts if _LITERAL_PATH.fullmatch(text))
