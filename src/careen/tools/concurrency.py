"""Several pieces of work at once, where the machine has room for them: containers that have nothing
to do with each other.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from careen.errors import CareenError
from careen.model.engine import Container

T = TypeVar("T")

MARGIN = 512 * 1024 * 1024
"""Memory that is left alone: careen's own, and what the kernel needs."""


class _GivenUpError(Exception):
    """The rest of the work has failed or was interrupted: no further container is wanted."""


class Helm:
    """By which work in another thread is ended: it tells each container that it makes, from inside
    whatever removes that.
    """

    def __init__(self) -> None:
        self._given_up = threading.Event()
        self._container: Container | None = None

    def under_way(self, container: Container) -> None:
        """Take notice of a container. Raises, and thereby ends the work, when it has been given
        up.
        """
        self._container = container
        if self._given_up.is_set():
            raise _GivenUpError

    def give_up(self) -> None:
        """Stop the container that is under way, so that whoever waits for it goes on, and let there
        be no other. May be repeated.
        """
        self._given_up.set()
        container = self._container
        if container is not None:
            with contextlib.suppress(CareenError, OSError):  # not started yet, or removed already
                container.stop(0)


Work = Callable[[Callable[[Container], None]], T]
"""A piece of work; it is given what it has to tell each of its containers."""


def _unheard(_: Container) -> None:
    """In the main thread an exception ends the work by itself."""


def abreast(works: Sequence[Work[T]], lanes: int) -> list[T]:
    """Do all of it and return the results in the order of `works`: in `lanes` threads at most, the
    first piece in this one, which begins with no other while another thread is free. With one lane
    they are done one after the other.

    When any piece fails, or this thread is interrupted, the others are ended before the exception
    goes on.
    """
    if lanes <= 1 or len(works) <= 1:
        return [work(_unheard) for work in works]
    done: dict[int, T] = {}
    trouble: list[BaseException] = []
    helms = [Helm() for _ in range(min(lanes, len(works)) - 1)]
    waiting = list(enumerate(works))[1:]
    lock = threading.Lock()

    def rest(told: Callable[[Container], None]) -> None:
        while not trouble:
            with lock:
                if not waiting:
                    return
                number, work = waiting.pop(0)
            done[number] = work(told)

    def aside(helm: Helm) -> None:
        try:
            rest(helm.under_way)
        except BaseException as error:  # noqa: BLE001 — raised again in the main thread
            trouble.append(error)

    threads = [
        threading.Thread(target=aside, args=(helm,), name=f"lane-{number}")
        for number, helm in enumerate(helms, 1)
    ]
    for thread in threads:
        thread.start()
    try:
        done[0] = works[0](_unheard)
        rest(_unheard)
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
    """Return how many containers that take that much memory (bytes) each may run at once, and why
    the memory allows fewer, "" if it does not.

    At most `most`, and two for each processor; one where there is a single processor.
    """
    found = len(os.sched_getaffinity(0))
    # Each waits now and then: for an answer to nonsense, for its end, for the engine.
    processors = min(2 * found, most) if found > 1 else 1
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
    """Return the memory (bytes) that can be had without swapping, None where the kernel does not
    say (proc(5), MemAvailable).
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in path.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None
