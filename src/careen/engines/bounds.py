"""What a container may take of this machine when the user says nothing else."""

import contextlib
import os
from pathlib import Path

from careen.engines.cgroups import has_controller

OOM_SCORE = 500
"""`oom_score_adj`: when the machine's memory ends, the kernel ends a container first, not careen.
"""

PROCESSES = 32_768
LEFT_TO_HOST = 10
"""Per cent of memory that a container without `--memory` leaves to the machine."""

_PID_MAX = Path("/proc/sys/kernel/pid_max")


def most_processes() -> int | None:
    """Return the most processes and threads of one container, None where no controller counts them.

    Half of what the machine can number at most: the rest is the machine's own.
    """
    if not has_controller("pids"):
        return None
    with contextlib.suppress(OSError, ValueError):
        return min(PROCESSES, int(_PID_MAX.read_text()) // 2)
    return PROCESSES


def default_memory() -> int | None:
    """Return the most memory (bytes) of one container, None where no controller limits it."""
    if not has_controller("memory"):
        return None
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return whole // 100 * (100 - LEFT_TO_HOST)
