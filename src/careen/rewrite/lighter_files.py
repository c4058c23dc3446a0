"""The ELF files of one image without their symbol tables: looked at once, whatever plans are made of the image."""

import hashlib
from collections.abc import Iterator, Mapping

from careen.errors import InputError
from careen.formats.elf import MIN_SIZE
from careen.formats.elf_symbols import AsItIs, Lighter, without_symbols
from careen.model.paths import ImagePath
from careen.model.plan import Plan
from careen.oci.rootfs import Rootfs

_CHUNK = 1 << 20


class LighterFiles:
    """What `without_symbols` says of files, and the digests of what it makes of them; both are remembered. Names of one file are one."""

    def __init__(self, rootfs: Rootfs) -> None:
        self._rootfs = rootfs
        self._found: dict[int, Lighter | AsItIs | None] = {}
        self._digests: dict[tuple[int, str], bytes] = {}

    def of(self, path: ImagePath) -> Lighter | AsItIs | None:
        """Say what is left of a file, why it is left alone, or None if it has neither symbol table nor debug sections."""
        entry = self._rootfs[path]
        if entry.inode not in self._found:
            found = None
            if entry.is_file and entry.size >= MIN_SIZE:
                with self._rootfs.open(path) as stream:
                    found = without_symbols(stream, entry.size)
            self._found[entry.inode] = found
        return self._found[entry.inode]

    def planned(self, path: ImagePath, saved: int) -> Lighter:
        """Return what is left of a file that a plan makes smaller. Raises InputError if it cannot be made so much smaller."""
        entry = self._rootfs.get(path)
        found = self.of(path) if entry is not None and entry.is_file else None
        if not isinstance(found, Lighter) or found.saved != saved:
            msg = f"the plan drops symbols of {path!r}, {saved} bytes, and that file has no such symbols: it is the plan of another image, or was changed"
            raise InputError(msg)
        return found

    def digest(self, path: ImagePath, lighter: Lighter, algorithm: str) -> bytes:
        """Return the digest of what is left of a file."""
        key = self._rootfs[path].inode, algorithm
        if key not in self._digests:
            digest = hashlib.new(algorithm, usedforsecurity=False)
            for piece in self._pieces(path, lighter):
                digest.update(piece)
            self._digests[key] = digest.digest()
        return self._digests[key]

    def _pieces(self, path: ImagePath, lighter: Lighter) -> Iterator[bytes]:
        with self._rootfs.open(path) as stream:
            for part in lighter.parts:
                if isinstance(part, bytes):
                    yield part
                    continue
                stream.seek(part.offset)
                left = part.size
                while left and (data := stream.read(min(left, _CHUNK))):
                    yield data
                    left -= len(data)


def lighter_files(plan: Plan, files: LighterFiles) -> Mapping[ImagePath, Lighter]:
    """Return what is left of each file whose symbols a plan drops. Raises InputError for a plan that does not fit the image."""
    if plan.symbols is None:
        return {}
    return {path: files.planned(path, saved) for path, saved in plan.symbols.dropped.items()}
