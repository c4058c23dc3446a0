"""Find and end processes that a program left running, in any process group or session."""

import contextlib
import os
import secrets
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

VARIABLE = "CAREEN_CHILD"
RUN = "CAREEN_RUN"
"""Variable in all children of a run with its directory, so that a later run finds survivors."""

ROUNDS = 20
PAUSE = 0.01
_MOST = 1 << 20


def new_mark() -> str:
    """Return a value of CAREEN_CHILD that only the children of one program inherit."""
    return secrets.token_hex(16)


def unmarked() -> Mapping[str, str]:
    """Return the environment for a program whose children may outlive the run."""
    return {name: value for name, value in os.environ.items() if name not in (VARIABLE, RUN)}


def end_marked(mark: str, variable: str = VARIABLE) -> None:
    """Kill every process of this user that started with the mark in its environment.

    Needs /proc. A process that clears its environment before execve(2) is not found.
    """
    # Processes may fork meanwhile, and during execve a process has no environment: repeat until
    # two rounds in a row find none.
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
        except OSError:  # it has ended or belongs to another user
            continue
        if wanted in environment.split(b"\0"):
            yield int(entry.name)
