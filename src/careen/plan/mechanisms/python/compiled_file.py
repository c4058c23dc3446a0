"""A compiled Python module, read at most once."""

import hashlib
from functools import partial

from careen.model.entry import Entry
from careen.plan.core.readings import Reader
from careen.plan.core.scene import Scene
from careen.plan.scanners.compiled.imports import (
    CompiledNames,
    compiled_names,
    loose_names,
    names_below,
)

NAMES = Reader[bytes, CompiledNames](
    "compiled names", compiled_names, CompiledNames.dump, CompiledNames.load
)


class CompiledFile:
    """The bytes of a compiled module and the names in them; nothing is read before it is asked."""

    def __init__(self, scene: Scene, entry: Entry) -> None:
        self._scene = scene
        self._entry = entry
        self._data: bytes | None = None

    def _bytes(self) -> bytes:
        if self._data is None:
            self._data = self._scene.rootfs.read(self._entry.path, self._entry.size)
        return self._data

    def names(self) -> CompiledNames:
        """Return the texts that may name modules."""
        return self._scene.readings.of(self._entry, NAMES, self._bytes)

    def loose_names(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of some names that its texts have, where these have no ends."""
        asked = hashlib.sha256(" ".join(names).encode()).hexdigest()
        reader = Reader[bytes, tuple[str, ...]](
            f"loose names {asked}", partial(loose_names, names), list, tuple
        )
        return self._scene.readings.of(self._entry, reader, self._bytes)

    def names_below(self, package: str) -> tuple[str, ...]:
        """Return the dotted names below a top-level package."""
        reader = Reader[bytes, tuple[str, ...]](
            f"names below {package}", partial(names_below, package), list, tuple
        )
        return self._scene.readings.of(self._entry, reader, self._bytes)
