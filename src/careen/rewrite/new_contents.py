"""Sizes and digests of the files that careen rewrites."""

import hashlib
from collections.abc import Mapping

from careen.model.paths import ImagePath
from careen.rewrite.lighter_files import SymbolFreeFiles
from careen.rewrite.remade import Remade


class NewContents:
    """Rewritten files: databases in `edits`, and `remade` files: ELF without symbols, byte code.

    `edits` grows while the databases are edited.
    """

    def __init__(self, remade: Mapping[ImagePath, Remade], files: SymbolFreeFiles) -> None:
        self.edits: dict[ImagePath, bytes] = {}
        self._remade = remade
        self._files = files

    def __contains__(self, path: object) -> bool:
        return path in self.edits or path in self._remade

    def size(self, path: ImagePath) -> int:
        """Return the size of a new content."""
        found = self._remade.get(path)
        return len(self.edits[path]) if found is None else found.size

    def digest(self, path: ImagePath, algorithm: str) -> bytes:
        """Return the digest of a new content."""
        found = self._remade.get(path)
        if found is not None:
            return self._files.digest(path, found, algorithm)
        return hashlib.new(algorithm, self.edits[path], usedforsecurity=False).digest()
