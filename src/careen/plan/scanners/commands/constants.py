"""Names that stand for a command in one module of a library, and names that another one uses."""

import re
from collections.abc import Container, Iterator
from itertools import islice

from careen.plan.scanners.commands.wrappers import CALLS

MAX_NAMED = 1000  # commands in one source whose names are looked for
_BEFORE = 16 << 10  # bytes of a table
_QUOTED = re.compile(rb"[\"']([\w.+-]{1,64})[\"']")
_ASSIGNED = re.compile(
    rb"(?<![\w.])(\w{3,60})[ \t]{0,8}(?::[^=\n]{1,60})?=[ \t]{0,8}"
    rb"(?:[\w.]{1,40}\(\s{0,40}(?:\w{1,40}=)?)?\Z"
)
_OPENED = re.compile(
    rb"^[ \t]{0,40}(\w{3,60})[ \t]{0,8}(?::[^=\n]{1,80})?=[ \t]{0,8}(?:[\w.]{1,40}\()?[\[({]",
    re.MULTILINE,
)
_ENDED = re.compile(rb"^(?:[\w@]|[\])}]+[ \t]*$)", re.MULTILINE)
_MAX_ASSIGNED = 200
_USED = re.compile(
    rb"(?:[\[(]|(?<!\w)(?:in|return)[ \t]|(?<![=!<>])=(?!=)[ \t]{0,8})"
    rb"\s{0,80}\*?((?:\w{1,60}\.){0,4}\w{3,60})"
)
_RUN = re.compile(
    rb"(?:\[|\b(?:" + CALLS + rb"|which)\()"
    rb"\s{0,80}\*?((?:\w{1,60}\.){0,4}\w{3,60})[ \t]{0,8}[\[,\]).]"
)
_COMMON = frozenset(
    b"alias aliases choices cls data default description ext extension extensions filenames flag"
    b" format help key keys keyword keywords kind label lang language languages mode name names"
    b" option options path prefix self str suffix text title type types value values words".split()
)
"""Names that say nothing about what they stand for."""


def names_of_commands(source: bytes, commands: Container[str]) -> Iterator[tuple[bytes, str]]:
    """Yield what stands for a command: a constant, a class attribute, or a collection with it.

    Each name comes with the command.
    """
    quoted = (
        (match.start(), match.group(1).decode("utf-8", "replace"))
        for match in _QUOTED.finditer(source)
    )
    for start, word in islice((each for each in quoted if each[1] in commands), MAX_NAMED):
        for found in _standing_for(source, start):
            if found not in _COMMON and not found.startswith(b"__"):
                yield found, word


def _standing_for(source: bytes, at: int) -> Iterator[bytes]:
    assigned = _ASSIGNED.search(source[max(0, at - _MAX_ASSIGNED) : at])
    if assigned is not None:
        yield assigned.group(1)
        return
    before = source[max(0, at - _BEFORE) : at]
    # A statement at the left edge ends the collection before it.
    for opened in [*_OPENED.finditer(before)][-1:]:
        if _ENDED.search(before, opened.end()) is None:
            yield opened.group(1)


def names_used(source: bytes) -> frozenset[bytes]:
    """Return the names that begin a list, an argument, a loop, a result or an assigned value."""
    return frozenset(part for found in _USED.findall(source) for part in found.split(b"."))


def names_run(source: bytes) -> frozenset[bytes]:
    """Return the names that begin a list, or the arguments of a call that starts a program."""
    return frozenset(part for found in _RUN.findall(source) for part in found.split(b"."))
