"""Images read side by side by threads, and handed on in their order."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Protocol, TypeVar


class Room:
    """Bytes that images which are read side by side have in memory: `most` each, and together.

    An image that finds no room waits until those before it were handed on. The first one never
    waits, so that it may be as large as it may be alone: it and the others take twice as much at
    most.
    """

    def __init__(self, most: int) -> None:
        self._left = most
        self._first = 0
        self._taken: dict[int, int] = {}
        self._is_open = True
        self._changed = threading.Condition()

    def take(self, place: int, size: int) -> None:
        """Take bytes for an image, by its place in the order; wait until there is room."""
        with self._changed:
            self._changed.wait_for(
                lambda: size <= self._left or place == self._first or not self._is_open
            )
            self._left -= size
            self._taken[place] = self._taken.get(place, 0) + size

    def hand_on(self, place: int) -> None:
        """Give back what an image took; the next one is the first."""
        with self._changed:
            self._left += self._taken.pop(place, 0)
            self._first = place + 1
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody wait any more."""
        with self._changed:
            self._is_open = False
            self._changed.notify_all()


class Reading(Protocol):
    """An image on its way: `begin` and `read` run in threads, one after the other."""

    def begin(self) -> None:
        """Find out what there is."""

    def read(self, take: Callable[[int], None]) -> None:
        """Read it; `take` is called with the bytes of each part before it is read."""


R = TypeVar("R", bound=Reading)


def read_in_order(
    images: Iterable[R], wanted: Callable[[R], bool], lanes: int, room: Room, ended: threading.Event
) -> Generator[R, None, None]:
    """Yield the images that are wanted, read, in their order; `lanes` threads read.

    `wanted` is asked between `begin` and `read`, in the caller's thread. Threads end with the
    iterator: close it, also after Ctrl-C. `ended` is then set, and tells them to.
    """
    waiting = iter(images)
    begun: deque[Future[R]] = deque()
    reading: deque[tuple[int, Future[R]]] = deque()
    count = 0
    pool = ThreadPoolExecutor(lanes, "image")
    try:
        while True:
            # Images that are read do not wait for those that are only asked for.
            while len(reading) < lanes and not (reading and reading[0][1].done()):
                new = islice(waiting, lanes - len(begun))
                begun.extend(pool.submit(_begun, image) for image in new)
                if not begun:
                    break
                image = begun.popleft().result()
                if wanted(image):
                    reading.append((count, pool.submit(_read, image, partial(room.take, count))))
                    count += 1
            if not reading:
                return
            place, future = reading.popleft()
            image = future.result()
            room.hand_on(place)
            yield image
    finally:
        ended.set()
        room.close()
        pool.shutdown(cancel_futures=True)


def _begun(image: R) -> R:
    image.begin()
    return image


def _read(image: R, take: Callable[[int], None]) -> R:
    image.read(take)
    return image
