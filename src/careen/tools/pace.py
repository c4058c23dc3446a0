"""How busy the machine is: the factor by which limits grow over those of an idle one."""

import time

_SPENT = 0.02  # seconds of processor time, several time slices of the scheduler
MOST = 8.0


def slowness() -> float:
    """Return the wall-clock time of a short computation per second of its processor time.

    The value is between 1.0 (idle machine) and 8.0.
    """
    begun, spent = time.monotonic(), time.thread_time()
    while (
        used := time.thread_time() - spent
    ) < _SPENT and time.monotonic() - begun < MOST * _SPENT:
        sum(range(500))
    return min(max((time.monotonic() - begun) / max(used, 1e-6), 1.0), MOST)
