"""A program in pieces of bounded memory, without parts that name nothing of the image."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from careen.formats.elf.program import Unreadable
from careen.formats.elf.sections import elf_tables

CHUNK = 8 << 20
_DEVICE = frozenset({".nv_fatbin", "__nv_relfatbin", ".hip_fatbin"})
_LARGE = 1 << 20  # bytes; of a smaller file all is read as fast as its section table

Range = tuple[int, int]
"""Offset and size in a file."""


def device_code(stream: BinaryIO, size: int) -> tuple[Range, ...]:
    """Return the sections of an ELF file of `size` bytes that hold programs for a GPU.

    They run on the device, which opens no file. A CUDA library consists of little else.
    """
    if size < _LARGE or isinstance(tables := elf_tables(stream, size), Unreadable):
        return ()
    return tuple(
        sorted((each.offset, each.size) for each in tables.sections if each.name in _DEVICE)
    )


def pieces(
    stream: BinaryIO, overlap: int, without: Sequence[Range] = ()
) -> Iterator[tuple[bytearray, int]]:
    """Yield a buffer and how much of it counts, for each piece of a stream at its beginning.

    A piece begins with the last `overlap` bytes of the one before, unless a range of `without` lies
    between them. The buffer is the same each time.
    """
    buffer = bytearray(overlap + CHUNK)
    view = memoryview(buffer)
    skipped = sorted((start, start + size) for start, size in without if size > 0)
    held = position = 0
    while True:
        while skipped and skipped[0][1] <= position:
            skipped.pop(0)
        if skipped and skipped[0][0] <= position:
            position = stream.seek(skipped.pop(0)[1])
            held = 0
            continue
        most = min(CHUNK, skipped[0][0] - position) if skipped else CHUNK
        got = stream.readinto(view[held : held + most])  # type: ignore[attr-defined]
        if not got:
            return
        position += got
        end = held + got
        yield buffer, end
        held = min(overlap, end)
        buffer[:held] = buffer[end - held : end]
