"""dpkg's status file: paragraphs of `Field: value` lines (deb822(5)).

Paragraphs keep their raw bytes, so unchanged ones are written back byte for byte.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from debian.deb822 import Deb822

from careen.errors import ImageError

MAX_STATUS = 64 << 20
MAX_PARAGRAPHS = 200_000
MAX_LINE = 256 << 10
# Twice what a Debian with everything installed has. A line of three bytes takes two hundred in
# memory.
MAX_LINES = 1_000_000
# Bytes of a file that is kept in memory for its next reading; one of 600 packages has 600 kB.
MAX_KNOWN = 2 << 20

# Debian policy 5.1: printable ASCII without a colon; no number sign or hyphen at the start.
_FIELD = re.compile(rb"[!\"$-,.-9;-~][!-9;-~]*[ \t]*:")


@dataclass(frozen=True, slots=True)
class Paragraph:
    r"""One package's entry: its raw bytes and its fields as python-debian reads them.

    `raw` includes the empty lines around it. `fields` has lower-case names and stripped values;
    continuation lines are joined by a line feed and keep their leading blank. A byte that is not
    UTF-8 reads as `\xff`.
    """

    raw: bytes
    fields: Mapping[str, str]

    def get(self, name: str) -> str:
        """Return a field's value, or "" without one; the name is case-insensitive."""
        return self.fields.get(name.lower(), "")


class _Fields(Deb822):
    """The library's parser without its checks for writing; careen writes raw bytes."""

    def validate_input(self, key: str, value: str) -> None:  # noqa: ARG002 — the library's hook
        return


class _UnreadableError(Exception):
    """What cannot be read of a file, without its name."""


def _check(lines: list[bytes], number: int) -> None:
    """Raise _UnreadableError for lines that the library would skip silently."""
    started = False
    for i, line in enumerate(lines):
        if len(line) > MAX_LINE:
            msg = f"line {number + i}: {len(line)} bytes, at most {MAX_LINE} are read"
            raise _UnreadableError(msg)
        if line[:1] in (b" ", b"\t"):
            if not started:
                msg = f"line {number + i}: a continuation line without a field"
                raise _UnreadableError(msg)
        elif not _FIELD.match(line):
            msg = f"line {number + i}: expected 'Field: value', got {line[:80]!r}"
            raise _UnreadableError(msg)
        started = True


def _fields(lines: list[bytes], number: int) -> dict[str, str]:
    _check(lines, number)
    text = [
        line.rstrip().decode("utf-8", "backslashreplace") for line in lines if not line.isspace()
    ]
    parsed = _Fields(text, strict={"whitespace-separates-paragraphs": False})
    return {name.lower(): value for name, value in parsed.items()}


def split_status(data: bytes, where: str) -> tuple[Paragraph, ...]:
    """Split a status file, or one file of `status.d`, into paragraphs.

    `join_status` is the inverse. Only an empty line separates paragraphs, as in dpkg. Raises
    ImageError with `where` and the line.
    """
    try:
        return _known(data) if len(data) <= MAX_KNOWN else _split(data)
    except _UnreadableError as error:
        msg = f"{where}: {error}"
        raise ImageError(msg) from error


def _split(data: bytes) -> tuple[Paragraph, ...]:
    if data.count(b"\n") > MAX_LINES or data.count(b"\r") > MAX_LINES:
        msg = f"more than {MAX_LINES} lines"
        raise _UnreadableError(msg)
    out: list[Paragraph] = []
    raw: list[bytes] = []
    body: list[bytes] = []
    first = 1
    ended = False

    def close() -> None:
        if len(out) >= MAX_PARAGRAPHS:
            msg = f"more than {MAX_PARAGRAPHS} paragraphs"
            raise _UnreadableError(msg)
        out.append(Paragraph(b"".join(raw), _fields(body, first)))
        raw.clear()
        body.clear()

    for number, line in enumerate(
        data.splitlines(keepends=True) if b"\r" not in data else _lines(data), 1
    ):
        bare = line.rstrip(b"\r\n")
        if not bare:
            ended = bool(body)
        elif ended:
            close()
            ended = False
        if bare:
            if not body:
                first = number
            body.append(bare)
        raw.append(line)
    if body:
        close()
    elif raw and out:
        last = out.pop()
        out.append(Paragraph(last.raw + b"".join(raw), last.fields))
    return tuple(out)


# A rewrite and its checks read the same file several times.
_known = lru_cache(maxsize=4)(_split)


def _lines(data: bytes) -> list[bytes]:
    """Split at line feeds only; a carriage return inside a value ends no line."""
    parts = data.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def join_status(paragraphs: Iterable[Paragraph]) -> bytes:
    """Return the file of these paragraphs, with an empty line between any two."""
    out: list[bytes] = []
    for paragraph in paragraphs:
        if out and not out[-1].endswith((b"\n\n", b"\n\r\n")):
            out.append(b"\n" if out[-1].endswith(b"\n") else b"\n\n")
        out.append(paragraph.raw)
    return b"".join(out)
