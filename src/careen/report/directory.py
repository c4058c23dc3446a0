"""Writer of the report directory: whole files or none, and nothing outside it."""

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from careen.errors import InputError
from careen.tools.only_user import only_user
from careen.tools.whole_file import PARTIAL, PARTIAL_BEGINS, write_atomically

_OPEN_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PARTIAL = re.compile(PARTIAL)
_ADVICE = "name another place with --report-dir"


def write_report(directory: Path, files: Mapping[str, bytes], advice: str = _ADVICE) -> None:
    """Write `files` (plain names) into `directory`, which is created if missing.

    Each file appears whole or not at all. A symlink in place of a file is replaced; one in place of
    the directory is refused. Raises InputError that names the path and ends with `advice`.
    """
    for name in files:
        if not name or name in (".", "..") or "/" in name or "\0" in name:
            msg = f"report directory {str(directory)!r}: not a plain file name: {name!r}"
            raise InputError(msg)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        folder = os.open(directory, _OPEN_DIRECTORY)
    except OSError as error:
        raise _trouble(directory, error, advice) from error
    try:
        for name, content in files.items():
            try:
                write_atomically(folder, name, content, 0o644)
            except OSError as error:
                raise _trouble(directory / name, error, advice) from error
    finally:
        os.close(folder)


@contextlib.contextmanager
def held_report(directory: Path) -> Iterator[None]:
    """Make a report directory, and keep other runs out of it for the `with` block.

    The kernel lets go when the process ends, and no file is left. Raises InputError while another
    run holds it, and if it cannot be written to.
    """
    write_report(directory, {})
    if not os.access(directory, os.W_OK | os.X_OK, effective_ids=True):
        msg = f"report directory {str(directory)!r}: cannot be written to; {_ADVICE}"
        raise InputError(msg)
    # The files of both would lie beside each other, as if they were of one run.
    msg = (
        f"report directory {str(directory)!r}: another run of careen writes there; wait until it"
        f" has ended, or {_ADVICE}"
    )
    with only_user(directory, InputError(msg)):
        yield


def clear_report(directory: Path, names: Iterable[str]) -> None:
    """Remove the files of an earlier run that match these names (plain, or with `*`).

    What a run that was killed had written in part goes, too.
    """
    # Otherwise they would pass for the files of this run.
    for name in (*names, f"{PARTIAL_BEGINS}*"):
        for found in directory.glob(name):
            if name.startswith(PARTIAL_BEGINS) and not _PARTIAL.fullmatch(found.name):
                continue
            try:
                found.unlink()
            except OSError as error:
                raise _trouble(found, error, _ADVICE) from error


def _trouble(path: Path, error: OSError, advice: str) -> InputError:
    what = (
        "is a symbolic link or not a directory"
        if isinstance(error, NotADirectoryError)
        else error.strerror
    )
    return InputError(f"writing the report: {str(path)!r}: {what}; {advice}")
