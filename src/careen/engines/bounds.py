"""Default limits on the machine's resources for a container."""

import contextlib
import os
from pathlib import Path

from careen.engines.cgroups import has_controller

OOM_SCORE = 500
"""`oom_score_adj`: when memory runs out, the kernel kills a container first, not careen."""

PROCESSES = 32_768
SHARES = 256
"""Processor shares of a container that yields: a quarter of the usual 1024."""
LEFT_TO_HOST = 10
"""Percentage of memory that a container without `--memory` leaves to the machine."""

_PID_MAX = Path("/proc/sys/kernel/pid_max")


def most_processes() -> int | None:
    """Return the maximum of processes and threads of a container, or None without a controller.

    It is at most half of the kernel's pid_max: the rest is for the machine.
    """
    if not has_controller("pids"):
        return None
    with contextlib.suppress(OSError, ValueError):
        return min(PROCESSES, int(_PID_MAX.read_text()) // 2)
    return PROCESSES


def default_memory() -> int | None:
    """Return the maximum of memory (bytes) of a container, or None without a controller."""
    if not has_controller("memory"):
        return None
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return whole // 100 * (100 - LEFT_TO_HOST)
