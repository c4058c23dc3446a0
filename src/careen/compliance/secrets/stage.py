"""Files for gitleaks: parts of an image in folders, each of which is judged by itself."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from careen.compliance.confined import show
from careen.compliance.secrets.parts import Part

MIB = 1 << 20
# gitleaks skips a file that begins like an application's (`MZ`, `%PDF-`) or looks like a tar or
# DICOM file at byte 257 or 128. Behind these empty lines nothing of the image is there. An ISO
# file is known by byte 32,769: no file of the stage is that long.
_BEFORE = b"\n" * 300
# gitleaks' time grows with the square of a file's matches, and its report with their text.
FILE = 24 << 10
BATCH = MIB
BATCH_FILES = 4000


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one scan may cost: bytes read, in all and of one file; parts; seconds.

    careen reads about 100 MB in a second, for at most `seconds`. gitleaks gets `batch_seconds` for
    each folder and `judging` for all; a real image of 2.4 GB has 2 MB of parts.
    """

    bytes: int = 64 << 30
    file: int = 8 << 30
    part_bytes: int = 8 * MIB
    parts: int = 200_000
    files: int = 50_000
    seconds: float = 1200.0
    batch_seconds: float = 120.0
    judging: float = 600.0


BOUNDS = Bounds()


@dataclass(slots=True)
class Staged:
    """One file for gitleaks: where it is from, and where each of its parts begins in it."""

    where: str
    layer: int
    lines: int = len(_BEFORE) + 1
    starts: list[int] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def add(self, part: Part) -> bytes:
        """Note the place of a part, and return what is written for it."""
        self.starts.append(self.lines)
        self.parts.append(Part(b"", part.offset, part.line))
        self.lines += part.data.count(b"\n") + 1
        return part.data + b"\n"

    def place(self, line: int) -> tuple[int, int]:
        """Return the line in the image's file and the offset of the part of a staged line."""
        number = max(0, bisect_right(self.starts, line) - 1)
        part = self.parts[number]
        within = max(0, line - self.starts[number])
        return part.line + within if part.line else 0, part.offset


@dataclass(slots=True)
class Batch:
    """A folder for one call of gitleaks, and what is in it by the names of its files."""

    folder: Path
    size: int = 0
    staged: dict[int, Staged] = field(default_factory=dict)

    def line(self, file: int, number: int) -> bytes:
        """Return a line of a file, b"" if it has no such line."""
        lines = _path(self.folder, file).read_bytes().split(b"\n", number)
        return lines[number - 1] if 0 < number <= len(lines) else b""

    def __str__(self) -> str:
        names = [each.where for each in self.staged.values()]
        return names[0] if len(names) == 1 else f"{len(names)} parts from {names[0]} to {names[-1]}"


def _path(folder: Path, file: int) -> Path:
    return folder / f"{file:07d}"


@dataclass(slots=True)
class Stage:
    """The folders of files for gitleaks, and what could not be put there."""

    folder: Path
    bounds: Bounds
    batches: list[Batch] = field(default_factory=list)
    sources: int = 0
    files: int = 0
    size: int = 0
    parts: int = 0
    unread: list[str] = field(default_factory=list)

    def put(self, where: str, layer: int, parts: Iterable[Part]) -> bool:
        """Write the parts of one file, as many as there is room for; False if not all."""
        staged, out, full = Staged(where, layer), bytearray(), False
        for part in parts:
            full = (
                self.sources >= self.bounds.files
                or self.parts >= self.bounds.parts
                or self.size + len(part.data) > self.bounds.part_bytes
            )
            if full:
                self.unread.append(f"{where} and all after it: more to judge than is allowed")
                break
            if out and len(out) + len(part.data) > FILE:
                self._write(staged, out)
                staged, out = Staged(where, layer), bytearray()
            out += staged.add(part)
            self.size += len(part.data) + 1
            self.parts += 1
        if out:
            self._write(staged, out)
            self.sources += 1
        return not full

    def _write(self, staged: Staged, data: bytes | bytearray) -> None:
        batch = self.batches[-1] if self.batches else None
        if batch is None or batch.size + len(data) > BATCH or len(batch.staged) >= BATCH_FILES:
            batch = Batch(self.folder / f"{len(self.batches):04d}")
            batch.folder.mkdir(parents=True)
            self.batches.append(batch)
        path = _path(batch.folder, self.files)
        path.write_bytes(_BEFORE + data)
        show(path)
        batch.staged[self.files] = staged
        batch.size += len(data)
        self.files += 1
