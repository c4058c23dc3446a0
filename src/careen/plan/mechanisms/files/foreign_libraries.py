"""Libraries that scripts open themselves, which no import shows.

Examples are ctypes and cffi with their find_library, and the like in other languages.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Reason
from careen.plan.core.facts import TextFound
from careen.plan.core.loader import AnyProgram
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.sources import Sources
from careen.plan.core.system_directories import is_shared
from careen.plan.scanners.compiled.texts import CythonTexts
from careen.plan.scanners.composed_names import composed, is_composed
from careen.plan.scanners.opened_libraries import CALLS, LITERAL, opened_libraries
from careen.plan.scanners.packed_text import Kind, Text

SUFFIXES = (".py", ".js", ".cjs", ".mjs", ".rb", ".pl", ".pm", ".lua", ".php", ".tcl")
_INTERFACES = (".ui", ".qml")  # of Qt, which loads them when a window opens
_GOES_ON = re.compile(rb"[\w%.+-]")
_IN_A_PROGRAM = re.compile(rb"lib[\w+-]{1,60}\.so(?:\.\d{1,4}){0,4}")


class ForeignLibraries(Mechanism):
    """Keeps the libraries that kept sources open by name.

    A name is resolved as the loader would for the first kept program.
    """

    id = "foreign-libraries"
    why = (
        "ctypes, cffi and their like open a library at the first call, by a name that only the"
        " source has"
    )
    codes = ("foreign-library",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._by_stem = self._stems()
        self._known = tuple(sorted(item for found in self._by_stem.values() for item in found))
        self._program = AnyProgram(work.loader)
        self._sources = work.shared(Sources)
        self._unread: list[Entry] = []
        work.facts.on(TextFound, lambda fact: self._read(fact.text, fact.entry))

    def _stems(self) -> Mapping[str, tuple[str, ...]]:
        """Return the image's library files by the name before `.so`, `lib` included.

        A name without `lib` (`mod_spatialite.so`) counts in the loader's own directories.
        """
        out: dict[str, set[str]] = {}
        for entry in self._work.scene.rootfs:
            stem, mark, _ = name(entry.path).partition(".so")
            if (
                mark
                and stem
                and not entry.is_dir
                and (stem.startswith("lib") or is_shared(parent(entry.path)))
            ):
                out.setdefault(stem, set()).add(name(entry.path))
        return {stem: tuple(sorted(found)) for stem, found in out.items()}

    def visit(self, entry: Entry) -> None:
        if entry.path.endswith((*SUFFIXES, *_INTERFACES)):
            if entry.is_file and self._work.scene.library_of(entry.path) is None:
                self._unread.append(entry)
        else:
            self._program.note(entry)

    def _read(self, text: Text, entry: Entry) -> None:
        """Keep the libraries that a text of a packed file opens."""
        if text.kind is Kind.PROGRAM:
            self._open_all(self._in_a_program(text.data), entry.path)
        if text.kind is Kind.LOADS:
            self._open_all(text.data.decode("utf-8", "replace").split(), entry.path)
        if text.kind is Kind.TABLE:
            loose = CythonTexts(loose=text.data)
            self._open_all(
                (
                    item
                    for item in self._known
                    if loose.names(item.encode("utf-8", "surrogateescape"))
                ),
                entry.path,
            )
        if text.kind not in (Kind.SOURCE, Kind.BYTE_CODE):
            return
        found = opened_libraries(text.data)
        # Byte code has names apart from their calls: if there is a call, each word counts.
        if text.kind is Kind.BYTE_CODE and any(word in text.data for word in CALLS):
            found |= {word.decode("utf-8", "replace") for word in LITERAL.findall(text.data)}
        self._open_all(found, entry.path)

    def _in_a_program(self, data: bytes) -> Iterator[str]:
        """Yield the libraries that a Go or Rust program names.

        Its texts have no end, so another text touches the name. A name with both ends is for the
        mechanism `dlopen`.
        """
        for match in _IN_A_PROGRAM.finditer(data):
            if not (_GOES_ON.match(data, match.end()) or _GOES_ON.match(data, match.start() - 1)):
                continue
            text = match.group().decode()
            starts = [found.start() for found in re.finditer("lib", text)]
            ends = range(text.index(".so") + len(".so"), len(text) + 1)
            yield from (
                name
                for start in starts
                for end in ends
                if (name := text[start:end]) in self._known_names
            )

    @cached_property
    def _known_names(self) -> frozenset[str]:
        return frozenset(self._known)

    def settle(self) -> None:
        unread, self._unread = self._unread, []
        for entry in unread:
            self._open_all(self._sources.of(entry).libraries, entry.path)

    def _open_all(self, texts: Iterable[str], source: ImagePath) -> None:
        for text in sorted(texts) if self._program else ():
            self._open(text, source)

    def _open(self, text: str, source: ImagePath) -> None:
        self._work.opened.note(text, source)
        for library in self._candidates(text):
            self._work.opened.note(library, source)
            for path in self._program.resolve(library):
                self._work.keeping.reach(
                    path,
                    Reason("foreign-library", f"{library}, which {source} opens by name", source),
                )

    def _candidates(self, text: str) -> Iterator[str]:
        stem, full, _ = text.partition(".so")
        if is_composed(text):
            yield from composed(text, self._known)
        elif full:
            yield from (text,) if text in self._by_stem.get(stem, ()) else ()
        else:
            yield from (
                item for known in (f"lib{stem}", stem) for item in self._by_stem.get(known, ())
            )
