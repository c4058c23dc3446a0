"""A process beside this one: its answers, and that it never outlives this one."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from careen.tools.beside import Beside

MODULE = "tests.support.beside_jobs"
_HOLDS_ONE = (
    "import sys, time; sys.path[:0] = sys.argv[1:]\n"
    "from careen.tools.beside import Beside\n"
    f"beside = Beside({MODULE!r}); beside.send(b'pid', [])\n"
    "print(beside.answers(wait=True)[0].decode(), flush=True); time.sleep(60)\n"
)


def all_of(beside: Beside, count: int) -> list[bytes]:
    found: list[bytes] = []
    while len(found) < count:
        found += beside.answers(wait=True)
    return found


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone_within(seconds: float, pid: int) -> bool:
    end = time.monotonic() + seconds
    while is_there(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not is_there(pid)


def test_each_job_has_one_answer_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    with Beside(MODULE) as beside, (tmp_path / "a").open("rb") as file:
        for job in (b"first", b"fail", b"many"):
            assert beside.send(job, [file.fileno()])
        assert all_of(beside, 3) == [b"first content", b"", bytes(3 << 20)]
        assert not beside.running
        assert beside.answers(wait=True) == []


def test_the_process_ends_when_it_is_closed() -> None:
    with Beside(MODULE) as beside:
        beside.send(b"pid", [])
        pid = int(all_of(beside, 1)[0])
        assert is_there(pid)
    assert gone_within(0, pid)


def test_of_a_process_that_has_ended_no_answer_is_waited_for() -> None:
    with Beside(MODULE) as beside:
        beside.send(b"end", [])
        beside.send(b"first", [])
        assert beside.answers(wait=True) == []
        assert beside.ended
        assert not beside.send(b"first", [])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_the_process_ends_with_the_one_that_started_it(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDS_ONE, *sys.path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        pid = int(holder.stdout.readline())
        assert is_there(pid)
        os.kill(holder.pid, number)
        holder.wait(10)
    assert gone_within(10, pid)
