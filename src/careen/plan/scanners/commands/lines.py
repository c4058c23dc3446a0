"""Command lines in texts: a command on PATH, then an option, a path or a placeholder."""

import re
from collections.abc import Container, Iterator, Sequence

from careen.plan.scanners.commands.shell import shell_commands
from careen.plan.scanners.commands.words import WORDS

MAX_LINE = 1000
_MAX_LINES = 20_000
_FIRST = re.compile(
    r"(?:[A-Za-z_]\w{0,60}=\S{0,100}[ \t]+){0,5}([A-Za-z0-9_][\w.+-]{0,63}|/[\w./+-]{2,300})(?="
    r"[ \t])"
)
_OPTION = re.compile(r"[\"']?(?:-{1,2}[A-Za-z0-9]|-\Z)")
_LETTER_OPTION = re.compile(r"-{1,2}[A-Za-z][\w-]{0,40}(?:=|\Z)")
_PATH = re.compile(r"[\"']?(?:~|\.{1,2})?/[\w.~$%{-]")
_PLACE = re.compile(r"\{[^{}\s]{0,60}\}|%(?:\(\w{1,60}\))?[sdrfiu]\b|\$\{?[\w@*]|<[\w.-]{1,60}>")
_OPERATOR = re.compile(r"(?:\d?>>?|<|\|\|?|&&)\Z")
_SUBCOMMAND = re.compile(r"[a-z][a-z-]{0,30}\Z")
_MODE = re.compile(r"[a-z][a-z0-9_-]{0,30}\Z")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z'-]*[.,;:!?]?\Z")
_QUOTED = re.compile(rb"[\"'`](?=[\w/])([^\"'`\n]{3,1000})")
_ESCAPED_END = re.compile(r"\\[nrt]")
_BLOCKS = (b'"""', b"'''", b"`")
_BEFORE_A_BLOCK = b"=(,[{+"
_PREFIXES = b" \t\r\nfrbuFRBU"


def is_command_line(text: str, known: Container[str]) -> bool:
    """Return whether a text reads as a command line of one of the known commands.

    A command that is an English word as well (`file`, `sort`) counts only with an option, or if no
    plain word follows: `file {name} not found` is a message.
    """
    first = _FIRST.match(text[:MAX_LINE])
    if first is None or (first.group(1) not in known and not first.group(1).startswith("/")):
        return False
    rest = text[first.end() : MAX_LINE].split(None, 40)
    if not rest:
        return False
    if rest[0] != "--":  # the end of options: `git-lfs smudge -- %f`
        rest = [word for word in rest if word != "--"]
    if _OPTION.match(rest[0]) and rest[0].strip("\"'") != "-":
        return True
    if rest[0] in known and rest[0] not in WORDS:  # `nice pdftoppm -png`
        rest = rest[1:]
        return any(_goes_on(word) for word in rest[:2])
    if not any(_goes_on(word) for word in rest[:2]):
        return False
    if first.group(1).rpartition("/")[2] in WORDS:
        if _has_subcommand(rest):  # `openssl req -x509 -newkey ec`
            return True
        return _goes_on(rest[0]) and not any(_PLAIN.match(word) for word in rest)
    return _goes_on(rest[0]) or _SUBCOMMAND.match(rest[0]) is not None


def _has_subcommand(words: Sequence[str]) -> bool:
    """Return whether a subcommand with options comes first: two options, or no plain word after
    the only one. A message has neither: `make the -x thing`.
    """
    if not words or not _MODE.match(words[0]):
        return False
    option, *rest = words[1:] or [""]
    return _LETTER_OPTION.match(option) is not None and (
        any(_LETTER_OPTION.match(word) for word in rest)
        or not any(_PLAIN.match(word) for word in rest)
    )


def _goes_on(word: str) -> bool:
    return (
        any(pattern.match(word) for pattern in (_OPTION, _PATH, _OPERATOR))
        or _PLACE.search(word) is not None
    )


def started_by(text: str, known: Container[str]) -> frozenset[str]:
    """Return the commands that a command line starts, also behind pipes; none for other texts."""
    return (
        shell_commands(text[:MAX_LINE], known, depth=1).started
        if is_command_line(text, known)
        else frozenset()
    )


def command_lines(source: bytes, known: Container[str]) -> frozenset[str]:
    """Return the commands of the command lines among a source's literals.

    Each line of a literal with several lines is read on its own.
    """
    out: set[str] = set()
    for count, line in enumerate(_lines(source)):
        if count == _MAX_LINES:
            break
        for part in _ESCAPED_END.split(line):
            out |= started_by(part.strip(), known)
    return frozenset(out)


def _lines(source: bytes) -> Iterator[str]:
    for found in _QUOTED.finditer(source):
        if b" " in found.group(1):
            yield found.group(1).decode("utf-8", "replace")
    for quote in _BLOCKS:
        parts = source.split(quote)
        for before, block in zip(parts[::2], parts[1::2], strict=False):
            if b"\n" in block and before[-200:].rstrip(_PREFIXES)[-1:] in _BEFORE_A_BLOCK:
                yield from block.decode("utf-8", "replace").splitlines()
