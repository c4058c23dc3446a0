"""A directory that one process at a time works in."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from careen.errors import CareenError


@contextmanager
def only_user(directory: Path, busy: CareenError) -> Iterator[None]:
    """Keep other processes out for the `with` block; raise `busy` while one of them is there.

    The kernel lets go when the process ends, and no file is left. May raise OSError. Nobody is kept
    out on a file system without locks (some of a network).
    """
    held = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise busy from None
        except OSError:
            pass
        yield
    finally:
        os.close(held)
