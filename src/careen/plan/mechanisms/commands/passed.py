"""Commands that stand in another file than the call that starts them."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name, parent
from careen.plan.core.mechanism import Work
from careen.plan.core.sources import Sources
from careen.plan.mechanisms.application.own_files import PYTHON_AND_JAVASCRIPT
from careen.plan.scanners.commands.constants import names_of_commands, names_used
from careen.plan.scanners.commands.shell import shell_commands
from careen.plan.scanners.commands.words import WORDS
from careen.plan.scanners.commands.wrappers import (
    OF_LIBRARIES,
    commands_as_functions,
    commands_in_variables,
    texts_given,
    wrappers,
)

_TOP = re.compile(r"(?:.*/)?[^/]+-packages/([^/]+)/")
_WORD = re.compile(rb"\w+")
_ROUNDS = 4  # functions that call functions that call … a program
_MAX_LINE = 1000
Keep = Callable[[Iterable[str], str, ImagePath | None], None]


@dataclass(frozen=True, slots=True)
class _Caller:
    """What a module with a call that starts a program uses, defines and mentions."""

    module: bytes
    used: frozenset[bytes]
    wrapping: frozenset[bytes]
    words: frozenset[bytes]


@dataclass(slots=True)
class _Library:
    """The modules of a top-level package: those with a call that starts a program, and others."""

    calling: list[Entry] = field(default_factory=list)
    unread: list[Entry] = field(default_factory=list)
    candidates: list[tuple[Entry, frozenset[str]]] = field(default_factory=list)
    callers: list[_Caller] = field(default_factory=list)


class Passed:
    """Finds commands that are given to a function of another file, or have a name there.

    The application's functions that start a program count by their calls with a literal. In a
    library, a constant, a class attribute or a table counts if a module of the same top-level
    package that starts programs uses its name.
    """

    def __init__(self, work: Work, keep: Keep, harmless: Keep) -> None:
        self._work = work
        self._sources = work.shared(Sources)
        self._keep = keep
        self._harmless = harmless
        self._new: list[Entry] = []
        self._own: list[Entry] = []
        self._wrappers = frozenset(OF_LIBRARIES)
        self._libraries: dict[str, _Library] = {}

    def note_own(self, entry: Entry) -> None:
        """Note a source of the application."""
        if entry.path.endswith(PYTHON_AND_JAVASCRIPT):
            self._new.append(entry)

    def note_library(self, entry: Entry, *, calls: bool) -> None:
        """Note a module of a distribution, and whether a call in it starts a program."""
        top = _TOP.match(entry.path)
        if top is not None:
            library = self._libraries.setdefault(top.group(1), _Library())
            (library.calling if calls else library.unread).append(entry)

    def settle(self, *, starts: bool) -> None:
        """Keep what is known by now; `starts` is whether the application starts programs."""
        if starts:
            self._settle_own()
        for library in self._libraries.values():
            if library.calling:
                self._settle_library(library)

    def _settle_own(self) -> None:
        new, self._new = self._new, []
        if not new:
            return
        self._own += new
        before = self._wrappers
        read = new
        for _ in range(_ROUNDS):
            found = self._wrappers.union(
                *(wrappers(self._work.scene.text(entry), self._wrappers) for entry in read)
            )
            if found == self._wrappers:
                break
            self._wrappers, read = found, self._own
        for entry in self._own if self._wrappers != before else new:
            self._read_own(self._work.scene.text(entry), entry.path)

    def _read_own(self, text: bytes, path: ImagePath) -> None:
        known = self._work.scene.command_names
        given = [line[:_MAX_LINE] for line in texts_given(text, self._wrappers)]
        started = frozenset().union(*(shell_commands(line, known).started for line in given))
        self._keep(started, f"given to a function that starts programs, in {path}", path)
        self._keep(
            commands_in_variables(text) | commands_as_functions(text), f"started by {path}", path
        )

    def _settle_library(self, library: _Library) -> None:
        scene = self._work.scene
        known = scene.command_names
        unread, library.unread = library.unread, []
        for entry in unread:
            words = known.intersection(self._sources.names(entry).literals.split())
            words -= WORDS | scene.skipped_commands
            if words := frozenset(word for word in words if not scene.is_of_the_base(word)):
                library.candidates.append((entry, words))
        if not library.candidates:
            return
        for entry in library.calling[len(library.callers) :]:
            library.callers.append(_caller(entry, scene.text(entry)))
        for entry, words in library.candidates:
            text = scene.text(entry)
            mentioned = frozenset(_WORD.findall(text))
            standing = tuple(names_of_commands(text, words))
            for caller in library.callers:
                # One of the two imports the other.
                if _module(entry) in caller.words or caller.module in mentioned:
                    named = {word for found, word in standing if found in caller.used}
                    named |= words.intersection(texts_given(text, caller.wrapping))
                    why = f"named in {entry.path}, and started beside it"
                    self._harmless(named, why, entry.path)


def _module(entry: Entry) -> bytes:
    """Return the name by which others import a source."""
    last = name(entry.path).removesuffix(".py")
    found = name(parent(entry.path)) if last == "__init__" else last
    return found.encode("utf-8", "surrogateescape")


def _caller(entry: Entry, text: bytes) -> _Caller:
    return _Caller(_module(entry), names_used(text), wrappers(text), frozenset(_WORD.findall(text)))
