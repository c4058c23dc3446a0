"""Signals that the first process of a namespace drops, asked of the kernel's own namespaces."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from careen.engines.unheard import unheard

pytestmark = pytest.mark.slow

SLEEPS = "print('up', flush=True); time.sleep(60)"
IGNORES = "signal.signal(15, signal.SIG_IGN); " + SLEEPS
HANDLES = "signal.signal(15, lambda *_: sys.exit()); " + SLEEPS
WAITS = "signal.pthread_sigmask(0, [15]); print('up', flush=True); signal.sigwait([15])"
THREAD = (
    "import threading; signal.pthread_sigmask(0, [15]);"
    " threading.Thread(target=signal.sigwait, args=([15],), daemon=True).start();"
    " signal.pthread_sigmask(1, [15]); " + SLEEPS
)


@contextmanager
def first_process(code: str) -> Iterator[int]:
    """Run Python as the first process of a namespace; yield its number on this machine."""
    argv = ["unshare", "--pid", "--fork", "--kill-child"]
    program = f"import os, signal, sys, time; {code}"
    with subprocess.Popen([*argv, sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        try:
            assert parent.stdout is not None
            assert parent.stdout.readline() == b"up\n"
            (child,) = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
            time.sleep(0.2)  # until it waits
            yield int(child)
        finally:
            parent.kill()


@pytest.mark.root
@pytest.mark.parametrize(
    ("code", "dropped"),
    [(SLEEPS, True), (IGNORES, True), (HANDLES, False), (WAITS, False), (THREAD, False)],
    ids=["default", "ignored", "handled", "waited for", "waited for by a thread"],
)
def test_a_first_process_drops_what_nothing_in_it_takes(code: str, dropped: bool) -> None:
    with first_process(code) as pid:
        assert [unheard(pid, word) for word in ("SIGTERM", "term", "15")] == [dropped] * 3


@pytest.mark.root
def test_other_signals_count_for_themselves() -> None:
    with first_process(HANDLES) as pid:
        assert unheard(pid, "SIGQUIT")
        assert not unheard(pid, "SIGRTMIN+3")  # not read, so unknown


def test_another_process_ends_by_its_signal() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        assert not unheard(process.pid, "SIGTERM")
        process.send_signal(signal.SIGTERM)
    assert not unheard(process.pid, "SIGTERM")
