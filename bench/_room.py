"""A scratch directory that is gone afterwards, also after Ctrl-C and SIGTERM, and the same state of
the disk before each measurement.
"""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

_READ = 8 << 20


def _end(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)


@contextmanager
def ending() -> Iterator[None]:
    """Turn SIGTERM into an exception for the `with` block, so that `finally` is reached and
    programs that were started are ended.
    """
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def room(needed: int) -> Iterator[Path]:
    """A new directory with room for `needed` bytes, in $TMPDIR if set, else /var/tmp (/tmp may be
    memory).
    """
    where = os.environ.get("TMPDIR", "/var/tmp")
    free = shutil.disk_usage(where).free
    if free < needed:
        message = (
            f"{where}: {free / 1e9:.1f} GB free, {needed / 1e9:.1f} GB needed; set TMPDIR to a"
            " larger disk"
        )
        raise SystemExit(message)
    with ending(), tempfile.TemporaryDirectory(prefix="careen-bench-", dir=where) as directory:
        yield Path(directory)


def settle(path: Path) -> None:
    """Write back what others left dirty and read `path` into the page cache: whoever is measured
    next finds what the one before found.
    """
    os.sync()
    with path.open("rb") as stream:
        while stream.read(_READ):
            pass
