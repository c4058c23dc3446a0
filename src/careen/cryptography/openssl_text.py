"""The text of an OpenSSL configuration as statements, as OpenSSL's own reader splits it.

OpenSSL drops a whole file for one line that it does not know, and goes on without FIPS mode. What
this reader does not know is an ImageError: the configuration is then not known.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from careen.errors import ImageError

_BLANK = " \t\r"  # other blanks of Unicode are no blanks to OpenSSL
_SECTION = re.compile(
    r"\[[ \t\r]*+([\w.!%&*+,/;?@^~|-]++(?:[ \t\r]++[\w.!%&*+,/;?@^~|-]++)*+)[ \t\r]*+\]", re.ASCII
)
_ASSIGNED = re.compile(
    r"(?:([\w.!%&*+,/;?@^~|-]*+)::)?([\w.!%&*+,/;?@^~|-]*+)[ \t\r]*+=(.*+)", re.ASCII | re.DOTALL
)
_INCLUDE = re.compile(r"\.include(?:[ \t\r]*+=|[ \t\r])(.*+)", re.DOTALL)
_PART = re.compile(
    r"""\\.?|"(?:[^"\\]|\\.?)*+"?|'(?:[^'\\]|\\.?)*+'?|`(?:[^`\\]|\\.?)*+`?|[^\\"'`#]+""", re.DOTALL
)
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Heading:
    """`[section]`; what follows on its line does not count."""

    section: str


@dataclass(frozen=True, slots=True)
class Include:
    """`.include path`."""

    path: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """`section::name = value`; `section` "" is the current one. A value with `$` is as written."""

    section: str
    name: str
    value: str


Statement = Heading | Include | Assignment


def statements(data: bytes) -> Iterator[Statement]:
    """Yield the statements of a file. Raises ImageError for a line that is none."""
    for line in lines_of(data):
        yield _statement(line)


def lines_of(data: bytes) -> Iterator[str]:
    """Yield the lines of a configuration without comments; a backslash joins two."""
    for line in _joined(data.decode("utf-8", "replace")):
        text = "".join(_parts(line)).strip(_BLANK)
        if text:
            yield text


def _joined(text: str) -> Iterator[str]:
    """Yield lines, each with those that a backslash at its end adds; two of them add none."""
    whole: list[str] = []
    for line in text.split("\n"):
        part = line.rstrip("\r")
        goes_on = part.endswith("\\") and not part.endswith("\\\\")
        whole.append(part[:-1] if goes_on else part)
        if not goes_on:
            yield "".join(whole)
            whole = []
    if whole:
        yield "".join(whole)


def _parts(line: str) -> Iterator[str]:
    """Yield the parts of a line up to a comment; a `#` in quotes begins none."""
    at = 0
    while match := _PART.match(line, at):
        yield match[0]
        at = match.end()


def _statement(line: str) -> Statement:
    if "\0" not in line:
        if match := _SECTION.match(line):
            return Heading(match[1])
        if match := _INCLUDE.fullmatch(line):
            return Include(_value(match[1]))
        match = _ASSIGNED.fullmatch(line)
        # Another `.include`, or a `.pragma`: it can change what the rest means.
        if match and not match[2].startswith("."):
            return Assignment(match[1] or "", match[2], _value(match[3]))
    msg = f"a line that careen does not know: {line[:_SHOWN]!r}"
    raise ImageError(msg)


def _value(text: str) -> str:
    """Return a value without quotes and backslashes."""
    return "".join(_plain(part) for part in _parts(text.strip(_BLANK)))


def _plain(part: str) -> str:
    if part[0] == "\\":
        return part[1:]
    if part[0] not in "\"'`":
        return part
    inner = part[1:-1] if len(part) > 1 and part.endswith(part[0]) else part[1:]
    return re.sub(r"\\(.?)", r"\1", inner, flags=re.DOTALL)
