"""The report directory: whole files or none, and nothing outside it."""

import contextlib
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from careen.errors import InputError

_OPEN_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_ADVICE = "name another place with --report-dir"


def write_report(directory: Path, files: Mapping[str, bytes], advice: str = _ADVICE) -> None:
    """Write `files` (plain names, no folders) into `directory`, which is made if it is missing.

    Each file appears whole under its name or not at all. A link that lies in the place of a file is replaced, not written through; one in the
    place of the directory itself is refused. Raises InputError that names the path and ends with `advice`.
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
                _write(folder, name, content)
            except OSError as error:
                raise _trouble(directory / name, error, advice) from error
    finally:
        os.close(folder)


def clear_report(directory: Path, names: Iterable[str]) -> None:
    """Remove what an earlier run left under these names (plain, or with `*`), so that nobody takes it for this run's. Anything else stays."""
    for name in names:
        for found in directory.glob(name):
            try:
                found.unlink()
            except OSError as error:
                raise _trouble(found, error, _ADVICE) from error


def _write(folder: int, name: str, content: bytes) -> None:
    temporary = f".careen-{secrets.token_hex(8)}"
    try:
        with os.fdopen(os.open(temporary, _CREATE, 0o644, dir_fd=folder), "wb") as stream:
            stream.write(content)
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        raise


def _trouble(path: Path, error: OSError, advice: str) -> InputError:
    what = "is a symbolic link or not a directory" if isinstance(error, NotADirectoryError) else error.strerror
    return InputError(f"writing the report: {str(path)!r}: {what}; {advice}")
