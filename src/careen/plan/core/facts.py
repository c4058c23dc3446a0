"""Facts that mechanisms exchange, in the order in which they are found."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from careen.model.entry import Entry
from careen.model.paths import ImagePath
from careen.model.plan import Reason
from careen.plan.scanners.packed_text import Text

F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A kept file of the application itself, whose text says what the application needs."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class PathsOfLibrary:
    """Absolute paths that a reached source of a Python distribution names."""

    paths: frozenset[str]
    because: ImagePath


@dataclass(frozen=True, slots=True)
class CommandFile:
    """A kept file that is started by name; it may be the application's own."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class TreeNeeded:
    """A directory whose files without an owner are all needed."""

    root: ImagePath
    reason: Reason


@dataclass(frozen=True, slots=True)
class NodePackageSeen:
    """An installed Node package in a directory tree of the application."""

    home: ImagePath


@dataclass(frozen=True, slots=True)
class NodePackageKept:
    """An installed Node package that is kept."""

    home: ImagePath


@dataclass(frozen=True, slots=True)
class ModulesImported:
    """Top-level Python modules that a file imports or names."""

    modules: frozenset[str]
    because: ImagePath


@dataclass(frozen=True, slots=True)
class ModulesRun:
    """Top-level Python modules that a file has an interpreter run (`-m venv`)."""

    modules: frozenset[str]
    because: ImagePath


@dataclass(frozen=True, slots=True)
class ModulesOnCommandLine:
    """Top-level Python modules that a command line or a script names."""

    modules: frozenset[str]
    because: ImagePath | None


@dataclass(frozen=True, slots=True)
class CompiledModule:
    """A kept Python extension module."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class PythonOfPeople:
    """The prefix of a Python in which users run code that they type."""

    prefix: ImagePath
    because: ImagePath


@dataclass(frozen=True, slots=True)
class TextFound:
    """A text inside a packed file of the application."""

    text: Text
    entry: Entry


@dataclass(frozen=True, slots=True)
class ProgramsStarted:
    """A sign that the application starts programs."""


class Facts:
    """The facts of one planning run.

    A mechanism posts what it finds out and reads what others post; it knows no other mechanism.
    Facts are not kept: readers register when they are made, before anything is posted.
    """

    def __init__(self) -> None:
        self._readers: dict[type, list[Callable[[Any], object]]] = {}

    def post(self, fact: object) -> None:
        """Hand a fact to the readers of its kind at once, in their order."""
        for reader in self._readers.get(type(fact), ()):
            reader(fact)

    def on(self, kind: type[F], reader: Callable[[F], object]) -> None:
        """Call `reader` for each fact of a kind as soon as it is posted."""
        self._readers.setdefault(kind, []).append(reader)


class OwnFiles:
    """The application's own files that one mechanism has not read yet."""

    def __init__(self, facts: Facts) -> None:
        self._new: list[Entry] = []
        facts.on(OwnFile, lambda fact: self._new.append(fact.entry))

    def take(self) -> list[Entry]:
        """Return what was posted since the last call."""
        new, self._new = self._new, []
        return new
