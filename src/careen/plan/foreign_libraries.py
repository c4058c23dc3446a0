"""Libraries that Python code opens itself: ctypes, cffi and their find_library. An import shows nothing of them."""

import re
from collections.abc import Mapping

from careen.formats.elf import ElfInfo
from careen.model.entry import Entry
from careen.model.paths import name
from careen.model.plan import Reason
from careen.plan.loader import Loader
from careen.plan.mechanism import Work

_FULL = re.compile(rb"[\"'](?:/[\w./+-]{1,200}/)?(lib[\w+-]{1,100}\.so(?:\.[\w.]{1,40})?)[\"']")
_CALL = re.compile(rb"(?:find_library|dlopen|CDLL|LoadLibrary|load_library|ctypes_load_library)\(([^()]{0,200}(?:\([^()]{0,200})?)")
_LITERAL = re.compile(rb"[\"']([\w+-][\w.+-]{0,100})[\"']")
_WORDS = (b".so", b"find_library", b"dlopen", b"CDLL", b"LoadLibrary", b"load_library")
_PYTHON = re.compile(r"python3?(?:\.\d+)?\Z")


def opened_libraries(source: bytes) -> frozenset[str]:
    """Return the names by which a source opens libraries: `libmagic.so.1` in full, or `magic` as ctypes.util.find_library and cffi's dlopen take it."""
    if not any(word in source for word in _WORDS):
        return frozenset()
    found = set(_FULL.findall(source))
    for arguments in _CALL.findall(source):
        found.update(_LITERAL.findall(arguments))
    return frozenset(item.decode("ascii", "replace") for item in found)


class ForeignLibraries:
    """Libraries that kept Python code opens by name, resolved as the loader would for its interpreter."""

    id = "foreign-libraries"
    why = "ctypes and cffi open a library at the first call, by a name that only the source knows"

    def __init__(self, work: Work, loader: Loader) -> None:
        self._work = work
        self._loader = loader
        self._by_stem = self._stems()
        self._interpreter: ElfInfo | None = None
        self._sources: list[Entry] = []

    def _stems(self) -> Mapping[str, tuple[str, ...]]:
        """Library files of the image by the name before `.so`, `lib` included."""
        out: dict[str, set[str]] = {}
        for entry in self._work.scene.rootfs:
            stem, mark, _ = name(entry.path).partition(".so")
            if mark and stem.startswith("lib") and not entry.is_dir:
                out.setdefault(stem, set()).add(name(entry.path))
        return {stem: tuple(sorted(found)) for stem, found in out.items()}

    def visit(self, entry: Entry) -> None:
        if entry.path.endswith(".py") and self._work.scene.library_of(entry.path) is None:
            self._sources.append(entry)
        elif self._interpreter is None and entry.is_executable and _PYTHON.match(name(entry.path)):
            self._interpreter = self._loader.info(entry)

    def settle(self) -> None:
        if self._interpreter is None:
            return
        sources, self._sources = self._sources, []
        for entry in sources:
            for text in sorted(opened_libraries(self._work.scene.text(entry))):
                self._open(text, entry, self._interpreter)

    def _open(self, text: str, entry: Entry, interpreter: ElfInfo) -> None:
        stem, full, _ = text.partition(".so")
        candidates = (text,) if full else tuple(item for known in (f"lib{stem}", stem) for item in self._by_stem.get(known, ()))
        for library in candidates:
            if library not in self._by_stem.get(library.partition(".so")[0], ()):
                continue
            for path in self._loader.resolve(library, entry.path, interpreter, ()):
                self._work.keeping.reach(path, Reason("foreign-library", f"{library}, which {entry.path} opens by name", entry.path))
