"""How long processes waited for a processor, as the kernel counts it for each thread."""

import contextlib
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

_PROCESSES = _THREADS = 4096
_NANOSECONDS = 1e9
_WAITED = 1
"""Field of /proc/PID/task/TID/schedstat. Source: sched-stats of the kernel's documentation."""


def longest_wait(processes: Iterable[int], proc: Path = Path("/proc")) -> float | None:
    """Return the seconds that one thread was ready to run and did not, the most of all threads.

    What begins in one thread after another takes at least so much longer on a busy machine. Returns
    None if the kernel does not count it, or no process is left.
    """
    waits: list[int] = []
    for pid in islice(processes, _PROCESSES):
        with contextlib.suppress(OSError):
            for thread in islice((proc / str(pid) / "task").iterdir(), _THREADS):
                with contextlib.suppress(OSError, ValueError, IndexError):
                    waits.append(int((thread / "schedstat").read_text().split()[_WAITED]))
    return max(waits) / _NANOSECONDS if waits else None
