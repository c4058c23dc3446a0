"""ELF files of an image without their symbols, read once for all plans."""

import bisect
import hashlib
import io
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from careen.errors import InputError
from careen.formats.elf.loaded import loaded_difference
from careen.formats.elf.program import MIN_SIZE
from careen.formats.elf.symbols import Span, StrippedElf, UnchangedElf, without_symbols
from careen.model.paths import ImagePath
from careen.model.plan import Plan
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.remade import Remade

_CHUNK = 1 << 20
_TEXTS = (".py", ".pyi", ".pyc", ".h", ".hpp", ".cuh", ".js", ".txt", ".json", ".html")
"""Endings of names that no program has; most files of an image have one."""


class SymbolFreeFiles:
    """Cache of the results and digests of `without_symbols`, by inode."""

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        self._found: dict[int, StrippedElf | UnchangedElf | None] = {}
        self._digests: dict[tuple[int, str], bytes] = {}

    def of(self, path: ImagePath) -> StrippedElf | UnchangedElf | None:
        """Return a file without symbols, or why it is left alone.

        None if it has neither symbol table nor debug sections.
        """
        entry = self._rootfs[path]
        if entry.inode not in self._found:
            found = None
            if entry.is_file and entry.size >= MIN_SIZE and self._is_elf(path):
                with self._rootfs.open(path) as stream:
                    found = _proved(stream, entry.size, without_symbols(stream, entry.size))
            self._found[entry.inode] = found
        return self._found[entry.inode]

    def _is_elf(self, path: ImagePath) -> bool:
        return not path.endswith(_TEXTS) and self._rootfs.begins_as_elf(path)

    def planned(self, path: ImagePath, saved: int) -> StrippedElf:
        """Return a file without symbols that is `saved` bytes smaller.

        Raises InputError if the file does not allow that.
        """
        entry = self._rootfs.get(path)
        found = self.of(path) if entry is not None and entry.is_file else None
        if not isinstance(found, StrippedElf) or found.saved != saved:
            msg = (
                f"the plan drops symbols of {path!r}, {saved} bytes, and that file has no such"
                " symbols: it is the plan of another image, or was changed"
            )
            raise InputError(msg)
        return found

    def digest(self, path: ImagePath, remade: Remade, algorithm: str) -> bytes:
        """Return the digest of a file that is composed of parts."""
        key = self._rootfs[path].inode, algorithm
        if key not in self._digests:
            digest = hashlib.new(algorithm, usedforsecurity=False)
            with self._rootfs.open(path) as stream:
                parts = _Parts(stream, remade.parts)
                while data := parts.read(_CHUNK):
                    digest.update(data)
            self._digests[key] = digest.digest()
        return self._digests[key]


class _Parts(io.RawIOBase):
    """Stream over parts of another file."""

    def __init__(self, stream: BinaryIO, parts: Sequence[Span | bytes]) -> None:
        super().__init__()
        self._stream = stream
        self._parts = parts
        sizes = (part.size if isinstance(part, Span) else len(part) for part in parts)
        self._ends = tuple(itertools.accumulate(sizes))
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self._ends[-1])[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        number = bisect.bisect_right(self._ends, self._at)
        if number == len(self._ends):
            return 0
        part = self._parts[number]
        within = self._at - (self._ends[number - 1] if number else 0)
        size = min(len(buffer), self._ends[number] - self._at)
        if isinstance(part, bytes):
            data = part[within : within + size]
        else:
            self._stream.seek(part.offset + within)
            data = self._stream.read(size)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _proved(
    stream: BinaryIO, size: int, found: StrippedElf | UnchangedElf | None
) -> StrippedElf | UnchangedElf | None:
    """Return `found`, or the reason to leave the file alone if its loaded tables would differ."""
    # Verification also compares the bytes.
    if not isinstance(found, StrippedElf):
        return found
    with io.BufferedReader(_Parts(stream, found.parts)) as made:
        odd = loaded_difference(stream, made, (size, found.size), only_tables=True)
    return UnchangedElf(f"it could not be proved: {odd}", found.saved) if odd else found


def lighter_files(plan: Plan, files: SymbolFreeFiles) -> Mapping[ImagePath, StrippedElf]:
    """Return each file whose symbols a plan drops, without them.

    Raises InputError for a plan that does not fit the image.
    """
    if plan.symbols is None:
        return {}
    return {path: files.planned(path, saved) for path, saved in plan.symbols.dropped.items()}
