"""careen's own files in the directory that a bench shares with its containers.

What runs in a container can put links there at any time, which may lead anywhere on this machine:
none is followed, at no step of a path. Names are relative to the directory (`apt/steps.sh`). Every
function raises ToolError for what cannot be written or read.
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
from careen.model.engine import BENCH
from careen.tools.remove_tree import remove_tree

INSIDE = BENCH
"""Where the directory is in the container; it never comes into the image."""

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_IN_THE_WAY = (errno.ELOOP, errno.ENOTDIR, errno.EEXIST)


def make_directory(root: Path, name: str) -> None:
    """Make a directory, and those above it; it is open to every user of the container. An existing
    one is the same again.
    """
    with _opened(root, name.split("/"), name, make=True) as directory:
        os.fchmod(directory, 0o777)


@contextlib.contextmanager
def writing(root: Path, name: str, mode: int = 0o644) -> Iterator[BinaryIO]:
    """Hold a new file in the place of what has its name, in a directory that is there."""
    *above, last = name.split("/")
    with _opened(root, above, name) as directory:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(last, dir_fd=directory)
        with os.fdopen(os.open(last, _NEW, mode, dir_fd=directory), "wb") as out:
            yield out
            os.fchmod(out.fileno(), mode)  # whatever the umask


def read(root: Path, name: str, limit: int) -> bytes | None:
    """Return the content of a file, None if it is missing. Raises ToolError for anything but a
    regular file, and for more than `limit` bytes.
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
    """Say whether something has this name; a link has it, wherever it leads."""
    *above, last = name.split("/")
    with _opened(root, above, name) as directory:
        try:
            os.stat(last, dir_fd=directory, follow_symlinks=False)
        except FileNotFoundError:
            return False
    return True


def names(root: Path, name: str, limit: int) -> tuple[str, ...]:
    """List what is in a directory, sorted. Raises ToolError for more than `limit` names."""
    with _opened(root, name.split("/"), name) as directory, os.scandir(directory) as entries:
        found = [entry.name for entry in itertools.islice(entries, limit + 1)]
    if len(found) > limit:
        msg = f"{INSIDE}/{name}: more than the {limit} files that are looked at in such a directory"
        raise ToolError(msg)
    return tuple(sorted(found))


def remove(root: Path, name: str) -> None:
    """Remove a file, or a link in its place; nothing if there is none."""
    *above, last = name.split("/")
    with _opened(root, above, name) as directory, contextlib.suppress(FileNotFoundError):
        os.unlink(last, dir_fd=directory)


def remove_directory(root: Path, name: str) -> None:
    """Remove a directory with all that is in it; nothing if there is none."""
    *above, last = name.split("/")
    with _opened(root, above, name) as directory:
        remove_tree(Path(f"/proc/self/fd/{directory}") / last)


@contextlib.contextmanager
def _opened(root: Path, steps: list[str], name: str, *, make: bool = False) -> Iterator[int]:
    """Hold the descriptor of a directory, reached step by step. `name` is what it is opened for."""
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
                f"{INSIDE}/{name}: a link is in the place of the bench's own directory or file;"
                " only what runs in the container can have put it there"
            )
        else:
            msg = (
                f"{INSIDE}/{name}: the bench's own files cannot be used: {error.strerror or error};"
                " free some space, or name another disk with --work-dir"
            )
        raise ToolError(msg) from error
    finally:
        for descriptor in opened:
            os.close(descriptor)
