"""Run independent pieces of work, such as containers, at the same time."""

import contextlib
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from careen.errors import CareenError
from careen.model.runs.engine import Container

T = TypeVar("T")

MARGIN = 512 * 1024 * 1024
"""Bytes of memory left free for careen itself and the kernel."""


class _WorkCancelledError(Exception):
    """The work was cancelled: another piece failed or the user interrupted the run."""


class WorkCanceller:
    """Cancellation of the work of another thread, by stopping its container.

    The work passes each container that it creates to `on_container`, from inside the block that
    removes the container.
    """

    def __init__(self) -> None:
        self._given_up = threading.Event()
        self._container: Container | None = None

    def on_container(self, container: Container) -> None:
        """Register a container; raise if the work was cancelled."""
        self._container = container
        if self._given_up.is_set():
            raise _WorkCancelledError

    def give_up(self) -> None:
        """Stop the current container and let no other one start; may be called again."""
        self._given_up.set()
        container = self._container
        if container is not None:
            with contextlib.suppress(CareenError, OSError):  # not started yet, or removed already
                container.stop(0)


Work = Callable[[Callable[[Container], None]], T]
"""A piece of work. Its argument is a function that it calls with each of its containers."""


def _ignore_container(_: Container) -> None:
    """Ignore a container: in the main thread an exception ends the work."""


def run_in_lanes(works: Sequence[Work[T]], lanes: int) -> list[T]:
    """Run all works in at most `lanes` threads and return their results in order.

    The first one runs in the calling thread. With one lane they run one after the other. If one
    fails or the calling thread is interrupted, the others are cancelled before the exception is
    raised.
    """
    if lanes <= 1 or len(works) <= 1:
        return [work(_ignore_container) for work in works]
    done: dict[int, T] = {}
    trouble: list[BaseException] = []
    helms = [WorkCanceller() for _ in range(min(lanes, len(works)) - 1)]
    waiting = list(enumerate(works))[1:]
    lock = threading.Lock()

    def rest(told: Callable[[Container], None]) -> None:
        while not trouble:
            with lock:
                if not waiting:
                    return
                number, work = waiting.pop(0)
            done[number] = work(told)

    def aside(helm: WorkCanceller) -> None:
        try:
            rest(helm.on_container)
        except BaseException as error:  # noqa: BLE001 — raised again in the main thread
            trouble.append(error)

    threads = [
        threading.Thread(target=aside, args=(helm,), name=f"lane-{number}")
        for number, helm in enumerate(helms, 1)
    ]
    for thread in threads:
        thread.start()
    try:
        done[0] = works[0](_ignore_container)
        rest(_ignore_container)
        for thread in threads:
            thread.join()
    except BaseException as error:
        trouble.insert(0, error)
        raise
    finally:
        for helm, thread in zip(helms, threads, strict=True):
            while thread.is_alive():
                helm.give_up()
                thread.join(1.0)
    if trouble:
        raise trouble[0]
    return [done[number] for number in range(len(works))]


def room(memory_peaks: Sequence[int | None], most: int) -> tuple[int, str]:
    """Return how many containers fit at once, and why memory allows fewer ("" if it does not).

    `memory_peaks` are in bytes. The number is at most `most` and at most one more than there are
    processors; it is 1 on a machine with a single processor.
    """
    found = len(os.sched_getaffinity(0))
    # One more, since each waits at times: for an answer, an exit, the engine. With two for each
    # processor, the same experiments took a tenth longer.
    processors = min(found + 1, most) if found > 1 else 1
    known = [peak for peak in memory_peaks if peak is not None]
    free = available_memory()
    if processors <= 1 or not known or free is None:
        return 1, "" if processors <= 1 else "how much memory a container takes is not known"
    need = max(*known, 1)
    fitting = max((free - MARGIN) // need, 1)
    if fitting >= processors:
        return processors, ""
    return (
        int(fitting),
        f"{free >> 20:,} MiB of memory are available, and one container takes {need >> 20:,}",
    )


def available_memory(path: Path = Path("/proc/meminfo")) -> int | None:
    """Return the bytes available without swapping, or None if the kernel does not say.

    The source is MemAvailable of /proc/meminfo, see proc(5).
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in path.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None
