"""A busy machine: processes that do nothing but take the processors, for as long as a test
wants.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def busy(loops: int = 2) -> Iterator[None]:
    """Let so many processes spin beside the block; each is ended by its own id."""
    running = [subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"]) for _ in range(loops)]
    try:
        yield
    finally:
        for each in running:
            each.kill()
            each.wait()
