"""careen's own files in the directory that a sandbox shares with its containers.

A program in the container can put links there at any time, so no step of a path follows a link.
Names are relative to the directory (`apt/steps.sh`). Every function raises ToolError for what it
cannot write or read.
"""

import contextlib
import errno
import itertools
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from careen.errors import ToolError
from careen.model.runs.engine import SANDBOX
from careen.tools.remove_tree import remove_tree

INSIDE = SANDBOX
"""The directory's path in the container; it never comes into the image."""

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_IN_THE_WAY = (errno.ELOOP, errno.ENOTDIR, errno.EEXIST)


def make_directory(root: Path, name: str) -> None:
    """Make a directory and its parents, open to every user; keep an existing one."""
    with _opened(root, name.split("/"), name, make=True) as directory:
        os.fchmod(directory, 0o777)


@contextlib.contextmanager
def writing(root: Path, name: str, mode: int = 0o644) -> Iterator[BinaryIO]:
    """Open a new file that replaces an existing one; its directory must exist."""
    *above, last = name.split("/")
    with _opened(root, above, name) as directory:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(last, dir_fd=directory)
        with os.fdopen(os.open(last, _NEW, mode, dir_fd=directory), "wb") as out:
            yield out
            os.fchmod(out.fileno(), mode)  # independent of the umask


def read(root: Path, name: str, limit: int) -> bytes | None:
    """Return the content of a file, or None if it is missing.

    Raises ToolError unless it is a regular file of at most `limit` bytes.
    """
    *above, last = name.split("/")
    with _opened(root, above, name) as directory:
        try:
            descriptor = os.open(last, _READ, dir_fd=directory)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                msg = f"reading {INSIDE}/{name}: not a regular file"
                raise ToolError(msg)
            data = stream.read(limit + 1)
    if len(data) > limit:
        msg = f"reading {INSIDE}/{name}: larger than the {limit} bytes that are read of such a file"
        raise ToolError(msg)
    return data


def exists(root: Path, name: str) -> bool:
    """Return whether something has this name; a link counts, even a broken one."""
    *above, last = name.split("/")
    with _opened(root, above, name) as directory:
        try:
            os.stat(last, dir_fd=directory, follow_symlinks=False)
        except FileNotFoundError:
            return False
    return True


def names(root: Path, name: str, limit: int) -> tuple[str, ...]:
    """Return the names in a directory, sorted; raise ToolError beyond `limit`."""
    with _opened(root, name.split("/"), name) as directory, os.scandir(directory) as entries:
        found = [entry.name for entry in itertools.islice(entries, limit + 1)]
    if len(found) > limit:
        msg = f"{INSIDE}/{name}: more than the {limit} files that are looked at in such a directory"
        raise ToolError(msg)
    return tuple(sorted(found))


def remove(root: Path, name: str) -> None:
    """Remove a file or link, if it exists."""
    *above, last = name.split("/")
    with _opened(root, above, name) as directory, contextlib.suppress(FileNotFoundError):
        os.unlink(last, dir_fd=directory)


def remove_directory(root: Path, name: str) -> None:
    """Remove a directory with its content, if it exists."""
    *above, last = name.split("/")
    with _opened(root, above, name) as directory:
        remove_tree(Path(f"/proc/self/fd/{directory}") / last)


@contextlib.contextmanager
def _opened(root: Path, steps: list[str], name: str, *, make: bool = False) -> Iterator[int]:
    """Yield a directory's descriptor, opened step by step; `name` is for messages."""
    opened: list[int] = []
    try:
        opened.append(os.open(root, _DIRECTORY))
        for step in steps:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(step, 0o777, dir_fd=opened[-1])
            opened.append(os.open(step, _DIRECTORY, dir_fd=opened[-1]))
        yield opened[-1]
    except OSError as error:
        if error.errno in _IN_THE_WAY:
            msg = (
                f"{INSIDE}/{name}: a link replaces a directory or file of the patch sandbox; only"
                " a program in the container can have put it there"
            )
        else:
            msg = (
                f"{INSIDE}/{name}: the files of the patch sandbox cannot be used:"
                f" {error.strerror or error}; free some space, or name another disk with"
                " --work-dir"
            )
        raise ToolError(msg) from error
    finally:
        for descriptor in opened:
            os.close(descriptor)
