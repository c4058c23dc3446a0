"""Outside programs: what they printed is there though somebody holds their pipe, and what cannot be
ended is not waited for.
"""

import os
import threading
import time

import pytest

from careen.tools.process import TAIL, collect, run
from tests.support.careen_command import until

pytestmark = pytest.mark.slow


def test_output_is_there_before_the_pipe_is_closed() -> None:
    """A program that leaves a server behind: it holds the pipe, and what the program said must not
    be lost with it.
    """
    reading, writing = os.pipe()
    into: list[bytes] = []
    with os.fdopen(reading, "rb") as stream:
        thread = threading.Thread(target=collect, args=(stream, into))
        thread.start()
        os.write(writing, b"said\n")
        until(lambda: b"".join(into) == b"said\n")
        os.close(writing)
        thread.join()


def test_byte_by_byte_is_kept_in_few_pieces() -> None:
    reading, writing = os.pipe()
    into: list[bytes] = []
    with os.fdopen(reading, "rb") as stream:
        thread = threading.Thread(target=collect, args=(stream, into, 100))
        thread.start()
        for number in range(1000):
            os.write(writing, b"%d" % (number % 10))
        os.close(writing)
        thread.join()
    assert b"".join(into) == b"0123456789" * 100
    assert len(into) <= 20


def test_the_last_of_much_output_is_kept() -> None:
    done = run(("sh", "-c", f"head -c {2 * TAIL} /dev/zero; echo end"), timeout=60.0)
    assert done.stdout.endswith(b"\0end\n")
    assert TAIL <= len(done.stdout) <= TAIL + 65536


def test_a_program_that_is_not_ours_to_end_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """As sudo's child is for a user who is not root."""

    def refuse(_group: int, _number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "killpg", refuse)
    begun = time.monotonic()
    assert run(("sleep", "3"), timeout=0.1).status is None
    assert time.monotonic() - begun < 10
