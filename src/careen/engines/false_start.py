"""A start that failed before the container's program was executed, and not by the container's
fault: to try again is safe, and it helps.

A container runtime executes a sealed copy of itself that it keeps in memory (CVE-2019-5736). The
kernel refuses the seal (EBUSY) when somebody else holds a page of the copy for longer than about
150 ms. Page reclaim (DAMON) and compaction hold pages: seals were seen to wait for them, and for
hardly anything else. runc 1.1 then ends its first process, and says why at a level that docker does
not pass on; what docker shows is that the first process did not answer. The same words come when
that process was killed so early. A container's program is executed only after all this, so with
these words none has been.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from careen.errors import ToolError

_T = TypeVar("_T")

TRIES = 4
PAUSE = 0.25
"""Seconds between two tries."""

_NEVER_EXECUTED = (
    # runc 1.1: its first process ended before it had said that it is there
    "waiting for init preliminary setup: ",
    "can't copy bootstrap data to pipe: ",  # the same, a moment earlier
    "unable to create safe /proc/self/exe clone for runc init: ",  # runc 1.2 and later
    "failed to re-execute libcrun via memory file descriptor",  # crun
    # another run of careen removed the empty parent at that moment
    "unable to apply cgroup configuration: mkdir ",
)


def was_never_executed(complaint: str) -> bool:
    """Tell whether a runtime's complaint says that it failed before it could execute the
    container's program. Not so when memory was too little.
    """
    text = complaint.lower()
    return any(words in text for words in _NEVER_EXECUTED)


def start_again(start: Callable[[], _T], clear: Callable[[], None] = lambda: None) -> _T:
    """Call `start` until it does not fail in this way, at most `TRIES` times, and `clear` before
    each new try. Any other ToolError is raised at once.
    """
    for _ in range(TRIES - 1):
        try:
            return start()
        except ToolError as error:
            if not was_never_executed(str(error)):
                raise
        time.sleep(PAUSE)
        clear()
    return start()
