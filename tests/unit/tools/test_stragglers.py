"""What a program left running is ended, also what is just becoming another program."""

import os
import subprocess
from collections.abc import Iterator

import pytest

from careen.tools import stragglers
from careen.tools.stragglers import VARIABLE, end_marked, new_mark


@pytest.fixture
def left() -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """A process with a mark."""
    mark = new_mark()
    process = subprocess.Popen(
        ("sleep", "300"), env={**os.environ, VARIABLE: mark}, start_new_session=True
    )
    yield mark, process
    process.kill()
    process.wait()


def test_it_is_ended_and_another_is_not(left: tuple[str, "subprocess.Popen[bytes]"]) -> None:
    mark, process = left
    end_marked(new_mark())
    assert process.poll() is None
    end_marked(mark)
    assert process.wait(10) == -9


def test_one_that_is_not_seen_at_first_is_looked_for_again(
    left: tuple[str, "subprocess.Popen[bytes]"], monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, process = left
    looked: list[bytes] = []
    real = stragglers._marked

    def marked(wanted: bytes) -> Iterator[int]:
        looked.append(wanted)
        yield from (
            () if len(looked) == 1 else real(wanted)
        )  # in the middle of execve its environment reads as empty

    monkeypatch.setattr(stragglers, "_marked", marked)
    end_marked(mark)
    assert process.wait(10) == -9
