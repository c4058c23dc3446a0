"""Words in an ELF file that it can pass to what starts programs.

These are its constants, not the names of the symbols that it links.
"""

import io
import re

from careen.formats.elf.program import Unreadable
from careen.formats.elf.sections import elf_tables

# Linkers merge a text into the end of a longer one: `--dbus-daemon`. A search for one character is
# fastest, so long words are searched in the reversed bytes, from their NUL to their first letter.
_LONG = re.compile(rb"\0([\w.+-]{4,63}[A-Za-z\[])(?![\w.+])")
_ALONE = re.compile(rb"\0([A-Za-z\[][\w.+-]{0,3})(?=\0)")
_ENDS_A_PATH = re.compile(rb"/([A-Za-z\[][\w.+-]{0,3})(?=\0)")
_STRINGS = 3  # SHT_STRTAB
_STARTERS = (
    b"exec",
    b"spawn",
    b"popen",
    b"\0system\0",
    b"pipecmd",
    b"pipeline",
    b"Process",
    b"fork",
    b"command",
    b"wordexp",
)


def arguments_of(data: bytes, dynamic_strings: tuple[int, int]) -> frozenset[bytes]:
    """Return the words that end with a NUL in an ELF file, outside its string tables.

    A word of less than five letters counts only if it stands alone or ends a path, in a file that
    links what starts programs or links nothing. A single letter never counts. `dynamic_strings` is
    the offset and size of the dynamic string table, which is known without section headers too.
    """
    start, size = dynamic_strings
    linked = data[start : start + size]
    starts = not linked.strip(b"\0") or any(word in linked for word in _STARTERS)
    tables = elf_tables(io.BytesIO(data), len(data))
    places = [
        dynamic_strings,
        *(
            ()
            if isinstance(tables, Unreadable)
            else ((item.offset, item.size) for item in tables.sections if item.kind == _STRINGS)
        ),
    ]
    # In a string table, `free` is the function.
    blank = bytearray(data)
    end = 0
    for offset, length in sorted(places):  # each byte once, even if tables overlap
        begin, end = max(offset, end), max(end, min(offset + length, len(blank)))
        blank[begin:end] = bytes(max(0, end - begin))
    out = {word[::-1] for word in set(_LONG.findall(bytes(blank[::-1])))}
    if starts:  # a shorter word is part of many others, and `w` is a mode of fopen(3)
        found = {*_ALONE.findall(blank), *_ENDS_A_PATH.findall(blank)}
        out.update(word for word in found if len(word) > 1 or not word.isalpha())
    return frozenset(out)
