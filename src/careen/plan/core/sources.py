"""The sources of the image, each read and scanned once for all mechanisms."""

from functools import partial

from careen.model.entry import Entry
from careen.model.paths import ImagePath
from careen.plan.core.mechanism import Work
from careen.plan.core.readings import Reader, T
from careen.plan.core.scene import MAX_TEXT
from careen.plan.scanners.any_source import SourceScan, scan
from careen.plan.scanners.commands.library import LibraryCommands, library_commands
from careen.plan.scanners.import_statements import (
    ImportStatement,
    dump_statements,
    import_statements,
    load_statements,
)
from careen.plan.scanners.python_source import OwnNames, PythonNames, own_names, python_names
from careen.plan.scanners.source import Source, of_bytes

_SCAN = Reader[bytes, SourceScan]("source", scan, SourceScan.dump, SourceScan.load)
_NAMES = Reader[bytes, PythonNames](
    "python names",
    lambda data: python_names(of_bytes(data)),
    PythonNames.dump,
    PythonNames.load,
)
_OWN = Reader[bytes, OwnNames](
    "python's own names",
    lambda data: own_names(of_bytes(data)),
    OwnNames.dump,
    OwnNames.load,
)
_STATEMENTS = Reader[bytes, tuple[ImportStatement, ...]](
    "import statements",
    partial(import_statements, everywhere=False),
    dump_statements,
    load_statements,
)
_COMMANDS = Reader[bytes, LibraryCommands](
    "library commands", library_commands, LibraryCommands.dump, LibraryCommands.load
)
READERS = (_SCAN, _NAMES, _OWN, _STATEMENTS, _COMMANDS)
OF_MODULES = (_SCAN, _NAMES)
"""Those that most modules are asked for."""


class Sources:
    """Scans of sources by path, and the text of the last one.

    Take it from `Work.shared`, so that the mechanisms have one.
    """

    def __init__(self, work: Work) -> None:
        self._scene = work.scene
        self._scans: dict[ImagePath, SourceScan] = {}
        self._last: tuple[ImagePath, Source] | None = None

    def of(self, entry: Entry) -> SourceScan:
        """Return what a source opens and names."""
        if entry.path not in self._scans:
            self._scans[entry.path] = self._read(entry, _SCAN)
        return self._scans[entry.path]

    def names(self, entry: Entry) -> PythonNames:
        """Return the names in a Python source."""
        return self._read(entry, _NAMES)

    def own_names(self, entry: Entry) -> OwnNames:
        """Return what a Python source names in its own package."""
        return self._read(entry, _OWN)

    def statements(self, entry: Entry) -> tuple[ImportStatement, ...]:
        """Return the import statements that run whenever a Python source is loaded."""
        return self._read(entry, _STATEMENTS)

    def commands(self, entry: Entry) -> LibraryCommands:
        """Return the commands that the source of a library starts."""
        return self._read(entry, _COMMANDS)

    def expect_commands(self, entry: Entry) -> None:
        """Note that `commands` will be asked about a source."""
        if entry.is_file and entry.size <= MAX_TEXT:
            self._scene.readings.expect_of(entry, _COMMANDS)

    def text(self, entry: Entry) -> Source:
        """Return the text of a source, as `Scene.text` reads it."""
        # The texts of all sources may be larger than the memory.
        if self._last is None or self._last[0] != entry.path:
            self._last = (entry.path, Source(self._scene.text(entry)))
        return self._last[1]

    def _read(self, entry: Entry, reader: Reader[bytes, T]) -> T:
        final = self._scene.rootfs.walk(entry.path).final if entry.is_symlink else entry
        if final is None or not final.is_file or final.size > MAX_TEXT:
            return reader.read(self.text(entry))
        return self._scene.readings.of(final, reader, partial(self.text, entry))
