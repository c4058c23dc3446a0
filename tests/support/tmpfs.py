"""A small file system of a test's own."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def mounted(path: Path, options: str) -> Iterator[Path]:
    """A tmpfs of its own at `path`."""
    path.mkdir(exist_ok=True)
    subprocess.run(  # noqa: TID251
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], check=True, timeout=10
    )
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True, timeout=10)  # noqa: TID251 — and its end
