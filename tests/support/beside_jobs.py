"""What a process beside the tests does: `main` is run in it."""

import os
from collections.abc import Sequence

from careen.tools.beside import answer_jobs


def answer(job: bytes, files: Sequence[int]) -> bytes:
    """The job and the contents of its files; `fail` fails, `end` ends the process, `pid` is its
    number, `many` is a large answer.
    """
    if job == b"fail":
        raise ValueError
    if job == b"end":
        os._exit(1)
    if job == b"pid":
        return str(os.getpid()).encode()
    if job == b"many":
        return bytes(3 << 20)
    return b" ".join((job, *(os.pread(each, 100, 0) for each in files)))


def main() -> None:
    """Answer jobs."""
    answer_jobs(answer)
