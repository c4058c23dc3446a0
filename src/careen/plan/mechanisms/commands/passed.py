"""Commands that stand in another file than the call that starts them."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name, parent
from careen.plan.core.mechanism import Work
from careen.plan.core.sources import Sources
from careen.plan.mechanisms.application.own_files import PYTHON_AND_JAVASCRIPT
from careen.plan.scanners.commands.constants import names_of_commands, names_run, names_used
from careen.plan.scanners.commands.shell import shell_commands
from careen.plan.scanners.commands.tables import commands_in_whole_lists, is_table
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
_IMPORTED = re.compile(
    rb"(?<=\.)(\w{1,60})|(?<!\w)(\w{1,60})(?=\.)|(?<!\w)import[ \t]{1,8}(\w{1,60})"
)
_OF_PROGRAMS = re.compile(rb"(?i:prog|cmd|command|binar|exec|tool|convert|render|player)")
_ROUNDS = 4  # functions that call functions that call … a program
_MAX_LINE = 1000
# Reading all modules of larger libraries takes seconds, and wrappers of programs are small.
_MAX_QUIET = 200
_MAX_MODULES = 500  # of a library, that are compared with each other
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
    quiet: int = 0


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
        self._run: frozenset[bytes] = frozenset()
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
            library.quiet += not calls

    def settle(self, *, starts: bool) -> None:
        """Keep what is known by now; `starts` is whether the application starts programs."""
        if starts:
            self._settle_own()
        for library in self._libraries.values():
            if library.calling and library.quiet <= _MAX_QUIET:
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
        self._name_words(new)

    def _name_words(self, new: list[Entry]) -> None:
        """Keep the commands that are English words, too, and have a name which a call takes."""
        run = self._run.union(*(names_run(self._work.scene.text(entry)) for entry in new))
        known = self._work.scene.command_names & WORDS
        for entry in new if run == self._run else self._own:
            text = self._work.scene.text(entry)
            standing = names_of_commands(text, known)
            found = {word for stands, word in standing if stands in run}
            self._harmless(found, f"named in {entry.path}, and started by its name", entry.path)
        self._run = run

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
        unread, library.unread = library.unread, []
        known = len(library.candidates)
        for entry in unread:
            found = scene.command_names.intersection(self._sources.names(entry).literals.split())
            found -= scene.skipped_commands
            if is_table(found):
                lists = commands_in_whole_lists(scene.text(entry), found)
                self._harmless(lists, f"in a list of commands in {entry.path}", entry.path)
            words = frozenset(
                word for word in found if word not in WORDS and not scene.is_of_the_base(word)
            )
            if words and len(library.candidates) < _MAX_MODULES:
                library.candidates.append((entry, words))
        if not library.candidates:
            return
        new = [
            _caller(entry, scene.text(entry))
            for entry in library.calling[len(library.callers) : _MAX_MODULES]
        ]
        library.callers += new
        for number, (entry, words) in enumerate(library.candidates):
            if callers := new if number < known else library.callers:
                self._compare(entry, words, callers)

    def _compare(self, entry: Entry, words: frozenset[str], callers: Iterable[_Caller]) -> None:
        """Keep the commands of a module whose names another one uses, or that it hands there."""
        text = self._work.scene.text(entry)
        imported = frozenset(part for found in _IMPORTED.findall(text) for part in found)
        standing = tuple(names_of_commands(text, words))
        own = frozenset(filter(_OF_PROGRAMS.search, names_used(text)))
        for caller in callers:
            imports = caller.module in imported
            if imports or _module(entry) in caller.words:
                used = caller.used | own if imports else caller.used
                named = {word for found, word in standing if found in used}
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
