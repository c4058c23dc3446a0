"""A directory that only its user can write to."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def opened_private(directory: Path) -> Iterator[int]:
    """Yield a descriptor of a directory; raise OSError if other users can write to it.

    A link in its place is not followed.
    """
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        seen = os.fstat(folder)
        if seen.st_uid != os.geteuid() or seen.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise PermissionError
        yield folder
    finally:
        os.close(folder)
