"""Sizes and digests of the files that careen rewrites."""

import hashlib
from collections.abc import Mapping

from careen.formats.elf_symbols import StrippedElf
from careen.model.paths import ImagePath
from careen.rewrite.lighter_files import SymbolFreeFiles


class NewContents:
    """Rewritten files: databases in `edits`, and ELF files without symbols.

    `edits` grows while the databases are edited.
    """

    def __init__(self, lighter: Mapping[ImagePath, StrippedElf], files: SymbolFreeFiles) -> None:
        self.edits: dict[ImagePath, bytes] = {}
        self._lighter = lighter
        self._files = files

    def __contains__(self, path: object) -> bool:
        return path in self.edits or path in self._lighter

    def size(self, path: ImagePath) -> int:
        """Return the size of a new content."""
        found = self._lighter.get(path)
        return len(self.edits[path]) if found is None else found.size

    def digest(self, path: ImagePath, algorithm: str) -> bytes:
        """Return the digest of a new content."""
        found = self._lighter.get(path)
        if found is not None:
            return self._files.digest(path, found, algorithm)
        return hashlib.new(algorithm, self.edits[path], usedforsecurity=False).digest()
