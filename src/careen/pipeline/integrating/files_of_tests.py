"""The files that test commands name, as far as their words tell."""

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from glob import iglob
from itertools import islice
from pathlib import Path

from careen.model.runs.workload import ReadyCommand, TestPlace, Workload
from careen.pipeline.watching.inputs import MAX_NAMED

_MAX_FILES = 10_000
_MAX_BYTES = 1 << 30
_MADE = "__pycache__"  # tests write it themselves
_SYSTEM = ("/dev", "/proc", "/sys")  # no content that could be compared; some block, some act
_MANY = "the test commands name more files than are compared"
# What the shell replaces by something that is not in the command. careen itself sets the variables
# that are left out here: they name the container, never a file.
_REPLACED = re.compile(
    r"`|\$(?:\(|(?!\{?(?:BASE_URL|CAREEN_IMAGE|CAREEN_CONTAINER|CAREEN_PORT_[0-9]+)\b)\{?[A-Za-z_])"
)
_CONTINUED = re.compile(r"\\\n")
_PARTS = re.compile(r"[=@,;:]+")
_PATTERN = re.compile(r"[*?\[]")
_OPERATOR = re.compile(r"[();<>|&]+")
_LEADS = frozenset(
    {"if", "then", "elif", "else", "do", "while", "until", "!", "{", "time", "exec", "command"}
)
_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
# Programs that use what their words say and no file beside them.
_TOLD = frozenset(
    {"curl", "wget", "nc", "true", "false", ":", "test", "[", "echo", "printf", "sleep", "exit"}
    | {"for", "break", "continue", "set"}
)
_DEPTH = 3  # of a command in a word of a command


class UntoldError(Exception):
    """Why the files of the test commands cannot be compared, in words for the user."""


def files_of_tests(workloads: Iterable[Workload], without: Path) -> tuple[Path, ...]:
    """Return the files that commands on the host name, and those below folders that they name.

    Hidden files, byte code and what is below `without` are left out below folders. Raises
    UntoldError if there are too many, or if the words of a command do not tell.
    """
    found: dict[Path, None] = {}
    size = 0
    for command in _commands(workloads):
        if _REPLACED.search(command):
            msg = (
                f"the test command {command!r} has a variable or the output of a command in it, so"
                " the files that it uses are not known"
            )
            raise UntoldError(msg)
        names_one = False
        for path in _named(command, without.absolute(), _DEPTH):
            names_one = True
            if path in found:
                continue
            found[path] = None
            one = path.stat().st_size if path.exists() else 0
            size += one
            if len(found) > _MAX_FILES or size > _MAX_BYTES or one > MAX_NAMED:
                raise UntoldError(_MANY)
        if not names_one and not _is_told(command):
            msg = f"the test command {command!r} names no file, so what it uses is not known"
            raise UntoldError(msg)
    return tuple(found)


def _commands(workloads: Iterable[Workload]) -> Iterator[str]:
    for workload in workloads:
        for test in (*workload.tests, *workload.held_out):
            if test.place is TestPlace.HOST:
                yield test.command
        if isinstance(workload.ready, ReadyCommand):
            yield workload.ready.command


def _split(command: str) -> list[str]:
    """Return the words and operators of a shell command; a line ends with an operator."""
    text = _CONTINUED.sub(" ", command).replace("\n", " ; ")
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        return list(lexer)
    except ValueError:  # a here-document with one quote, for example
        return text.split()


def _is_told(command: str) -> bool:
    """Return whether all programs of a command are known to use no file that it does not name."""
    leads = True
    for word in _split(command):
        if _OPERATOR.fullmatch(word):
            leads = leads or not set("<>") & set(word)
        elif leads and word not in _LEADS and not _ASSIGNED.match(word):
            if word not in _TOLD and word not in {"fi", "done", "}"}:
                return False
            leads = False
    return True


def _named(command: str, without: Path, depth: int) -> Iterator[Path]:
    for word in _split(command):
        for name in _names(word):
            yield from _files(Path(name), without)
            if _PATTERN.search(name):
                # A pattern may match any number of names.
                for each in islice(iglob(name), _MAX_FILES + 1):  # noqa: PTH207
                    yield from _files(Path(each), without)
        if depth and any(each.isspace() for each in word):
            yield from _named(word, without, depth - 1)


def _names(word: str) -> Iterator[str]:
    """Yield what may be a path in a word, as in `-d@FILE`, `--opt=FILE`, `FILE::test`, `-fFILE`."""
    names = {word, *_PARTS.split(word), word.partition("=")[2], word.partition("@")[2]}
    if word.startswith("-") and not word.startswith("--"):
        names.add(word[2:])
    for name in sorted(names - {""}):
        try:
            yield os.path.expanduser(name) if name.startswith("~") else name  # noqa: PTH111
        except (RuntimeError, ValueError):
            yield name


def _files(path: Path, without: Path) -> Iterator[Path]:
    try:
        if _is_system(path):
            return
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from _below(path, without)
    except (OSError, ValueError):  # too long for a path, or with a NUL
        return


def _is_system(path: Path) -> bool:
    real = os.path.realpath(path)
    return any(real == each or real.startswith(f"{each}/") for each in _SYSTEM)


def _below(folder: Path, without: Path) -> Iterator[Path]:
    for name, folders, files in os.walk(folder):
        here = Path(name)
        folders[:] = sorted(
            each
            for each in folders
            if not each.startswith(".")
            and each != _MADE
            and (here / each).absolute() != without
            and not _is_system(here / each)
        )
        for each in sorted(files):
            path = here / each
            if not each.startswith(".") and not _is_system(path) and path.is_file():
                yield path
