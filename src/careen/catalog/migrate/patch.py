"""The patch of a Dockerfile: new images in FROM lines, and nothing else."""

import difflib
import os
from collections.abc import Mapping, Sequence

from careen.catalog.migrate.stages import Instruction, Stage, read_stages
from careen.errors import ConfigError
from careen.model.catalog.migration import StageMove

_SPACES = " \t\v\f\r\n"  # between the words of an instruction, as docker's parser splits them
_QUOTED = {"\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r"}
_QUOTED |= {'"': '"', "\\": "\\"}
_LAST_ASCII = 0x7E


def migrated(
    text: str,
    path: str,
    stages: Sequence[Stage],
    moves: Sequence[StageMove],
    arguments: Mapping[str, str],
) -> str:
    """Return the Dockerfile with its new FROM lines; all other bytes stay.

    Raises ConfigError if docker's parser would not read the result as it is meant.
    """
    rows = lines(text)
    for stage, move in zip(stages, moves, strict=True):
        if move.after:
            _move(rows, stage, move.after)
    after = "".join(rows)
    if any(move.after for move in moves):
        _check(after, path, stages, moves, arguments)
    return after


def unified(before: str, after: str, path: str) -> str:
    """Return a unified diff that `patch -p1` and git apply, "" for equal texts."""
    old, new = (_name(f"{side}/{path}") for side in "ab")
    rows = difflib.unified_diff(lines(before), lines(after), old, new)
    return "".join(
        row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n" for row in rows
    )


def place(path: str) -> tuple[str, str]:
    """Return a path as the patch names it, and where to apply the patch: "" is here."""
    here = os.path.relpath(path)
    if here.startswith("../"):
        return os.path.abspath(path).lstrip("/"), "/"  # noqa: PTH100 (links stay as they are)
    return here, ""


def lines(text: str) -> list[str]:
    """Return the lines with their ends, as docker's parser counts them: by line feeds alone."""
    rows = [f"{row}\n" for row in text.split("\n")]
    rows[-1] = rows[-1][:-1]
    return rows if rows[-1] else rows[:-1]


def _move(rows: list[str], stage: Stage, after: str) -> None:
    for number in range(stage.begin.first - 1, min(stage.begin.last, len(rows))):
        if rows[number].lstrip(_SPACES).startswith("#"):
            continue  # a comment between continued lines
        changed = _replaced(rows[number], stage.written, after)
        if changed != rows[number]:
            rows[number] = changed
            return


def _check(
    after: str,
    path: str,
    stages: Sequence[Stage],
    moves: Sequence[StageMove],
    arguments: Mapping[str, str],
) -> None:
    found = read_stages(after, path, arguments)
    for stage, move in zip(stages, moves, strict=True):
        now = found[stage.number] if stage.number < len(found) else None
        wanted = move.after or stage.written
        if now is None or now.written != wanted or not _same(now.steps, stage.steps):
            msg = (
                f"{path}:{stage.begin.first}: cannot change the image of this FROM and nothing"
                " else; write FROM, image and name in one line of their own"
            )
            raise ConfigError(msg)


def _same(one: Sequence[Instruction], other: Sequence[Instruction]) -> bool:
    return tuple(one) == tuple(other)


def _replaced(line: str, written: str, after: str) -> str:
    """Replace the image as a whole word; flags such as --platform may hold the same text."""
    at = 0
    while (at := line.find(written, at)) >= 0:
        end = at + len(written)
        if (at == 0 or line[at - 1] in _SPACES) and (end == len(line) or line[end] in _SPACES):
            return line[:at] + after + line[end:]
        at = end
    return line


def _name(path: str) -> str:
    """Return a file name of a diff as git writes it: quoted, or with a tab after blanks."""
    if all(" " <= char <= chr(_LAST_ASCII) and char not in '"\\' for char in path):
        return f"{path}\t" if " " in path else path
    out: list[str] = []
    for byte in os.fsencode(path):
        char = chr(byte)
        if char in _QUOTED:
            out.append(f"\\{_QUOTED[char]}")
        else:
            out.append(char if " " <= char <= chr(_LAST_ASCII) else f"\\{byte:03o}")
    return f'"{"".join(out)}"'
