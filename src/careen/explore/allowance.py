"""Limit of bytes and time for the requests made from an untrusted document."""

import math
import time
from collections.abc import Iterable, Iterator

from careen.explore.trials import Try

MOST_BYTES = 64 * 1024 * 1024
"""Bytes of the requests of one document. Those of large public services take two or three MB."""


class Allowance:
    """Limit of the bytes and the time of requests; `ended` is true once it is exceeded."""

    def __init__(self, seconds: float = math.inf, most: int = MOST_BYTES) -> None:
        self._until = time.monotonic() + seconds
        self._room = most
        self.ended = False

    def within(self, tries: Iterable[Try]) -> Iterator[Try]:
        """Yield tries until the bytes or the time are used up."""
        for each in tries:
            self._room -= _size(each)
            self.ended = self._room < 0 or time.monotonic() > self._until
            if self.ended:
                return
            yield each


def _size(each: Try) -> int:
    headers = sum(len(name) + len(value) for name, value in each.request.headers)
    return len(each.id) + len(each.request.target) + headers + len(each.request.body)
