"""Remove a hostile directory tree: any depth, names and modes, without following links."""

import contextlib
import errno
import os
import stat
from pathlib import Path

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_tree(path: Path, *, last: str | None = None) -> None:
    """Remove `path` and everything below it; do nothing if it does not exist.

    `last` names a file directly in it that is removed after everything else, such as a lock. Raises
    OSError.
    """
    try:
        top = os.open(path, _DIRECTORY)
    except FileNotFoundError:
        return
    number = 0
    # Directories are moved to the top before they are emptied. So the stack, the open descriptors
    # and the paths do not grow with the depth, which can exceed Python's recursion limit.
    try:
        os.fchmod(top, 0o700)
        while names := [name for name in _names(top) if last is None or name != os.fsencode(last)]:
            for name in names:
                if not _is_directory(name, top):
                    os.unlink(name, dir_fd=top)
                    continue
                with contextlib.suppress(PermissionError):
                    os.chmod(name, 0o700, dir_fd=top)
                here = os.open(name, _DIRECTORY, dir_fd=top)
                try:
                    for inner in _names(here):
                        if _is_directory(inner, here):
                            number = _move_up(inner, here, top, number)
                        else:
                            os.unlink(inner, dir_fd=here)
                finally:
                    os.close(here)
                os.rmdir(name, dir_fd=top)
        if last is not None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(last, dir_fd=top)
    finally:
        os.close(top)
    try:
        path.rmdir()
    except OSError as error:
        # Another run waited for the lock and made the directory again: that run removes it.
        if last is None or error.errno not in (errno.ENOTEMPTY, errno.ENOENT):
            raise


def _names(directory: int) -> list[bytes]:
    return [os.fsencode(name) for name in os.listdir(directory)]


def _is_directory(name: bytes, directory: int) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode)


def _move_up(name: bytes, directory: int, top: int, number: int) -> int:
    """Move a directory to the top under a free number; return that number."""
    with contextlib.suppress(PermissionError):
        os.chmod(name, 0o700, dir_fd=directory)  # renaming a directory writes its `..`
    while True:
        number += 1
        try:
            os.rename(name, b"%d" % number, src_dir_fd=directory, dst_dir_fd=top)
        except OSError as error:
            # rename replaces an empty directory, which is removed anyway; other names are skipped.
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
                raise
        else:
            return number
