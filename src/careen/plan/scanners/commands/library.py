"""Commands that the source of a library starts (Python, JavaScript, similar)."""

from dataclasses import dataclass
from typing import Any

from careen.plan.scanners.imports import handed_over, started, starts_programs


@dataclass(frozen=True, slots=True)
class LibraryCommands:
    """The first words of what a source starts.

    `started` are those of calls that start programs, `handed_over` those of lists that are passed
    to a function named like a runner; these may be anything.
    """

    starts_programs: bool
    started: frozenset[str]
    handed_over: frozenset[str]

    def dump(self) -> list[Any]:
        """Return it as JSON."""
        return [self.starts_programs, sorted(self.started), sorted(self.handed_over)]

    @staticmethod
    def load(row: Any) -> "LibraryCommands":
        """Return what `dump` was called on. Raises as `Reader` says."""
        starts, words, lists = row
        return LibraryCommands(bool(starts), frozenset(words), frozenset(lists))


def library_commands(source: bytes) -> LibraryCommands:
    """Return the commands that a source starts."""
    return LibraryCommands(
        starts_programs(source),
        frozenset(words[0] for words in started(source) if words),
        handed_over(source),
    )
