"""Commands that the source of a library starts (Python, JavaScript, similar)."""

import re
from dataclasses import dataclass
from typing import Any

from careen.plan.scanners.imports import handed_over, started, starts_programs

# like os.environ.get("TIKA_JAVA", "java")
_DEFAULT = re.compile(
    rb"(?:environ\.get|getenv)\(\s{0,80}[^()\n,]{1,80},\s{0,80}[\"']([\w.+-]{1,64})[\"']"
)
# like DOT_BINARY = Path("dot")
_CONSTANT = re.compile(
    rb"(?:(?i:binary|executable|program|exe|cmd|command)(?:_name)?|self\.prog)[ \t]{0,8}=[ \t]{0,8}"
    rb"(?:[\w.]{1,40}\()?[\"']([\w.+-]{1,64})[\"']"
)
# A lexer's table has "popen", too, and starts nothing.
_CALLED = re.compile(
    rb"(?<![\w\"'])(?<!def )(?:subprocess\.\w{1,30}|Popen(?:\.\w{1,30})?|check_(?:call|output)"
    rb"|get(?:status)?output|create_subprocess_\w{1,10}|which|find_executable"
    rb"|os\.(?:system|popen|exec\w{1,5}|(?:posix_)?spawn\w{0,5}))[ \t]{0,4}\("
    rb"|^[ \t]{0,40}from[ \t]{1,4}subprocess[ \t]",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class LibraryCommands:
    """The first words of what a source starts.

    `started` are those of calls that start programs, `handed_over` those of lists that are passed
    to a function named like a runner; these may be anything. `named` are programs that a variable
    replaces or a constant names, in a source that starts some. `calls` is whether a call in it
    starts one; `starts_programs` needs a word alone.
    """

    starts_programs: bool
    calls: bool
    started: frozenset[str]
    handed_over: frozenset[str]
    named: frozenset[str]

    def dump(self) -> list[Any]:
        """Return it as JSON."""
        words = (self.started, self.handed_over, self.named)
        return [self.starts_programs, self.calls, *map(sorted, words)]

    @staticmethod
    def load(row: Any) -> "LibraryCommands":
        """Return what `dump` was called on. Raises as `Reader` says."""
        starts, calls, *words = row
        started_, handed, named = map(frozenset, words)
        return LibraryCommands(bool(starts), bool(calls), started_, handed, named)


def library_commands(source: bytes) -> LibraryCommands:
    """Return the commands that a source starts."""
    starts = starts_programs(source)
    return LibraryCommands(
        starts,
        starts and _CALLED.search(source) is not None,
        frozenset(words[0] for words in started(source) if words),
        handed_over(source),
        _named(source) if starts else frozenset(),
    )


def _named(source: bytes) -> frozenset[str]:
    found = {*_DEFAULT.findall(source), *_CONSTANT.findall(source)}
    return frozenset(word.decode() for word in found)
