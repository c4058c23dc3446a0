"""One open ELF file of the image, with its tables and bounded reads of its sections."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from careen.formats.elf.sections import ElfTables, Section, Segment
from careen.model.paths import ImagePath

CHUNK = 8 << 20


@dataclass(frozen=True, slots=True)
class ElfFile:
    """An open ELF file; `stream` closes after the inspection, and `tables` lie within the file."""

    path: ImagePath
    stream: BinaryIO
    tables: ElfTables

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`, fewer at the end of the file."""
        if not 0 <= offset < self.tables.size or size <= 0:
            return b""
        self.stream.seek(offset)
        return self.stream.read(min(size, self.tables.size - offset))

    def at_address(self, address: int, size: int) -> bytes:
        """Return up to `size` bytes of the file that are loaded at `address`, or b""."""
        for segment in self.tables.segments:
            if segment.address <= address < segment.address + segment.size:
                within = address - segment.address
                return self.read(segment.offset + within, min(size, segment.size - within))
        return b""

    def chunks(self, part: Section | Segment, limit: int, overlap: int) -> Iterator[bytes]:
        """Yield the first `limit` bytes of a part in chunks of 8 MiB of new data at most.

        Each chunk starts with the last `overlap` bytes of the one before.
        """
        done, kept = 0, b""
        most = min(limit, part.size)
        while done < most:
            data = self.read(part.offset + done, min(CHUNK, most - done))
            if not data:
                return
            done += len(data)
            yield kept + data
            kept = data[-overlap:]
