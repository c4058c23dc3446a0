"""Retry of container starts that failed before the container's program was executed.

A runtime executes a sealed in-memory copy of itself (CVE-2019-5736). The kernel refuses the seal
(EBUSY) while something holds a page of the copy for more than about 150 ms, mostly page reclaim
(DAMON) or compaction. runc 1.1 then ends its first process, and docker only shows that this process
did not answer. A first process that was killed so early gives the same message. The container's
program is executed only after this, so a retry is safe.
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
    # runc 1.1: its first process ended before it reported to the runtime
    "waiting for init preliminary setup: ",
    "can't copy bootstrap data to pipe: ",  # the same, slightly earlier
    "unable to create safe /proc/self/exe clone for runc init: ",  # runc 1.2 and later
    "failed to re-execute libcrun via memory file descriptor",  # crun
    # another run of careen has just removed the empty parent
    "unable to apply cgroup configuration: mkdir ",
)


def was_never_executed(complaint: str) -> bool:
    """Return whether a runtime's error says that the container's program was not executed.

    Errors from too little memory do not count.
    """
    text = complaint.lower()
    return any(words in text for words in _NEVER_EXECUTED)


def retry_start(start: Callable[[], _T], clear: Callable[[], None] = lambda: None) -> _T:
    """Call `start` up to `TRIES` times until there is no false start.

    `clear` is called before each new try. Any other ToolError is raised at once.
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
