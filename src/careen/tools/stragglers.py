"""Find and end what a program left running, also what took itself out of its process group (a
daemon calls setsid).
"""

import contextlib
import os
import secrets
import signal
import time
from collections.abc import Iterator
from pathlib import Path

VARIABLE = "CAREEN_CHILD"
RUN = "CAREEN_RUN"
"""Set to the run's directory in everything that a run starts, so that a later run finds what
outlived it.
"""

ROUNDS = 20
PAUSE = 0.01
_MOST = 1 << 20


def new_mark() -> str:
    """Return a value of CAREEN_CHILD that only the children of one program inherit."""
    return secrets.token_hex(16)


def end_marked(mark: str, variable: str = VARIABLE) -> None:
    """Kill every process of this user whose environment at its start had the mark; again until
    twice none is left: they may fork meanwhile, and one that is about to become another program
    (execve) has no environment for a moment.

    Needs /proc; a process that has cleaned its environment before its exec is not found.
    """
    quiet = False
    for _ in range(ROUNDS):
        found = list(_marked(os.fsencode(f"{variable}={mark}")))
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if quiet and not found:
            return
        quiet = not found
        time.sleep(PAUSE)


def _marked(wanted: bytes) -> Iterator[int]:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            with (entry / "environ").open("rb") as stream:
                environment = stream.read(_MOST)
        except OSError:  # it has ended, or is another user's
            continue
        if wanted in environment.split(b"\0"):
            yield int(entry.name)
