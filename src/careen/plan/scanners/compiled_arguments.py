"""Words in compiled bytes that a program can hand to what starts programs: its constants, not the
names of the symbols that it is linked by.
"""

import io
import re

from careen.formats.elf import Unreadable
from careen.formats.elf_sections import elf_tables

# Linkers lay a text into the end of a longer one: `--dbus-daemon`. What may begin one comes first,
# which the matcher looks for fastest.
_ARGUMENT = re.compile(rb"[A-Za-z\[](?<![\w.+][A-Za-z\[])[\w.+-]{0,63}+(?=\0)")
_SHORT = 5  # letters: a shorter word is a part of many others
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
    """Return the words that end with a NUL in an ELF file, its tables of strings apart: `free` in
    one of those is the function. A word of less than five letters counts only if it stands alone,
    or at the end of a path, in a file that is linked with what starts programs, or is not linked
    with anything; one letter never.

    `dynamic_strings` is where the dynamic string table lies (offset and size), which is there
    without section headers, too.
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
    blank = bytearray(data)
    end = 0
    for offset, length in sorted(
        places
    ):  # each byte once, however the tables of a hostile file overlap
        begin, end = max(offset, end), max(end, min(offset + length, len(blank)))
        blank[begin:end] = bytes(max(0, end - begin))
    out: set[bytes] = set()
    for match in _ARGUMENT.finditer(blank):
        word = bytes(match.group())
        if len(word) == 1 and word.isalpha():  # `w` is a mode of fopen(3)
            continue
        if len(word) >= _SHORT or (starts and blank[match.start() - 1] in b"\0/"):
            out.add(word)
    return frozenset(out)
