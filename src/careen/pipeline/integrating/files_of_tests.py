"""The files that test commands name, as far as their words tell."""

import os
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from careen.model.runs.workload import TestPlace, Workload
from careen.pipeline.watching.inputs import MAX_NAMED

_MAX_FILES = 10_000
_MAX_BYTES = 1 << 30
_MADE = "__pycache__"  # tests write it themselves


def files_of_tests(workloads: Iterable[Workload], without: Path) -> tuple[Path, ...] | None:
    """Return the files that commands on the host name, and those below folders that they name.

    Hidden files, byte code and what is below `without` are left out below folders. None if there
    are too many to compare.
    """
    found: dict[Path, None] = {}
    size = 0
    for word in _words(workloads):
        for path in _files(Path(word), without.absolute()):
            if path in found:
                continue
            found[path] = None
            one = path.stat().st_size if path.exists() else 0
            size += one
            if len(found) > _MAX_FILES or size > _MAX_BYTES or one > MAX_NAMED:
                return None
    return tuple(found)


def _words(workloads: Iterable[Workload]) -> Iterator[str]:
    for workload in workloads:
        for test in (*workload.tests, *workload.held_out):
            if test.place is TestPlace.HOST:
                yield from _split(test.command)


def _split(command: str) -> list[str]:
    """Return the words of a shell command; without operators, whatever its quotes."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        return list(lexer)
    except ValueError:  # a here-document with one quote, for example
        return command.split()


def _files(path: Path, without: Path) -> Iterator[Path]:
    try:
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from _below(path, without)
    except (OSError, ValueError):  # too long for a path, or with a NUL
        return


def _below(folder: Path, without: Path) -> Iterator[Path]:
    for name, folders, files in os.walk(folder):
        here = Path(name)
        folders[:] = sorted(
            each
            for each in folders
            if not each.startswith(".") and each != _MADE and (here / each).absolute() != without
        )
        for each in sorted(files):
            path = here / each
            if not each.startswith(".") and path.is_file():
                yield path
