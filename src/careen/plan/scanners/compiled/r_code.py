"""Commands that an R package starts, by the code in its lazy-load database (`R/NAME.rdb`).

The database has each object of the package as a length and a zlib stream of R's serialization.
"""

import re
import zlib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

MAX_CODE = 256 << 20  # of one package; a stream of zlib can be a thousand times its size
_LENGTH = 4
_PIECE = 16 << 10
_STARTERS = frozenset(
    {
        *(b"system", b"system2", b"shell", b"pipe", b"Sys.which"),
        *(b"exec_wait", b"exec_background", b"exec_internal"),  # sys
        *(b"processx", b"process", b"run_process"),
    }
)
_TEXT = re.compile(rb"\x00\x04\x00\x09\x00\x00\x00([\x02-\xff])")  # a CHARSXP in ASCII, its length
_SYMBOL = b"\x00\x00\x00\x01"  # SYMSXP; also the length of a vector of one
_VECTOR = b"\x10"  # STRSXP, the last byte of its flags


@dataclass(frozen=True, slots=True)
class RCommands:
    """What a package starts: names that are a whole text, first words before an option, and all
    first words of a pipeline (`"dpkg -s x | cut -c 1"`).
    """

    named: frozenset[bytes] = frozenset()
    lines: frozenset[bytes] = frozenset()
    piped: frozenset[bytes] = frozenset()


def r_commands(database: bytes, names: AbstractSet[bytes]) -> RCommands:
    """Return those of `names` that texts of the code are, or start.

    None for a package that starts no programs, and for other files.
    """
    starts = False
    named: set[bytes] = set()
    lines: set[bytes] = set()
    piped: set[bytes] = set()
    for code in _objects(database):
        for match in _TEXT.finditer(code):
            at, end = match.span()
            text = code[end : end + match[1][0]]
            if code[at - 4 : at] == _SYMBOL and code[at - 5 : at - 4] != _VECTOR:
                starts = starts or text in _STARTERS
                continue
            first, *rest = text.split(maxsplit=2) or [b""]
            if first not in names:
                continue
            if not rest:
                named.add(first)
            elif rest[0].startswith(b"-"):
                lines.add(first)
            heads = {part.split(maxsplit=1)[0] for part in text.split(b"|") if part.strip()}
            if len(heads) > 1 and heads <= names:
                piped |= heads
    if not starts:
        return RCommands()
    return RCommands(frozenset(named), frozenset(lines), frozenset(piped))


def _objects(database: bytes) -> Iterator[bytes]:
    """Yield each object, as far as the database can be read."""
    offset, left = 0, MAX_CODE
    while offset + _LENGTH < len(database):
        size = int.from_bytes(database[offset : offset + _LENGTH], "big")
        offset += _LENGTH
        left -= size
        if left < 0:
            return
        stream, out = zlib.decompressobj(), bytearray()
        while not stream.eof and offset < len(database) and len(out) <= size:
            piece = database[offset : offset + _PIECE]
            try:
                out += stream.decompress(piece, size + 1 - len(out))
            except zlib.error:
                return
            offset += len(piece) - len(stream.unused_data) - len(stream.unconsumed_tail)
        if not stream.eof or len(out) != size:
            return
        yield bytes(out)
