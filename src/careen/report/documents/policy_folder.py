"""The folder that the files of a policy go to."""

import errno
import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path

from careen.errors import ConfigError, InputError
from careen.report.directory import clear_report, write_report
from careen.report.documents.policy import FILE, FORMAT
from careen.tools.read_file import read_file

_ADVICE = "name another folder with --policy-dir"
_LIMIT = 64 << 20  # of an earlier policy.json


def check_policy_folder(folder: Path, names: Collection[str]) -> None:
    """Raise InputError if `write_policy` could not write there, before the work for it is done.

    `names` are those of all files that a policy may have. They replace those of an earlier policy,
    and nothing else.
    """
    _refuse(folder, _trouble(folder))
    taken = [name for name in (*names, FILE) if os.path.lexists(folder / name)]
    if taken and not _is_policy(folder / FILE):
        _refuse(folder / taken[0], f"is there, without the {FILE} of an earlier policy beside it")


def write_policy(folder: Path, names: Collection[str], documents: Mapping[str, bytes]) -> None:
    """Write the files; those of an earlier policy go. Raises InputError."""
    check_policy_folder(folder, names)
    clear_report(folder, (*names, FILE))
    write_report(folder, documents, _ADVICE)


def _trouble(folder: Path) -> str:
    if folder.is_symlink():
        return "is a symbolic link"
    place = folder.absolute()
    there = next(path for path in (place, *place.parents) if path.exists())
    if not there.is_dir():
        return os.strerror(errno.ENOTDIR)
    return "" if os.access(there, os.W_OK | os.X_OK) else os.strerror(errno.EACCES)


def _refuse(path: Path, trouble: str) -> None:
    if trouble:
        msg = f"writing the policy: {str(path)!r}: {trouble}; {_ADVICE}"
        raise InputError(msg)


def _is_policy(file: Path) -> bool:
    try:
        found = json.loads(read_file(file, _LIMIT))
    except (ConfigError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("format") == FORMAT
