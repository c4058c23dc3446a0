"""How busy this machine is now: by how much limits have to be longer than on an idle one."""

import time

_SPENT = 0.02  # seconds of processor time; some slices of the scheduler
MOST = 8.0


def slowness() -> float:
    """Return how long a little work takes by the clock for each second of processor time that it
    needs: 1.0 on an idle machine, 8.0 at most.
    """
    begun, spent = time.monotonic(), time.thread_time()
    while (
        used := time.thread_time() - spent
    ) < _SPENT and time.monotonic() - begun < MOST * _SPENT:
        sum(range(500))
    return min(max((time.monotonic() - begun) / max(used, 1e-6), 1.0), MOST)
