"""Delta debugging: the smallest set of things that is enough, found by asking.

The algorithm is ddmin of Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (IEEE TSE 28(2), 2002), turned around: their failing
input is here a set of paths whose return makes a failing run pass.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


class OutOfTrialsError(Exception):
    """The trials are used up; never leaves this room."""


@dataclass(slots=True)
class Trials(Generic[T]):
    """Answers of `enough`, each set asked once; after `limit` questions no further one is asked. `used` counts them."""

    enough: Callable[[frozenset[T]], bool]
    limit: int
    used: int = 0
    _known: dict[frozenset[T], bool] = field(default_factory=dict)

    def ask(self, items: frozenset[T]) -> bool:
        """Say whether the items are enough. Raises OutOfTrialsError."""
        known = self._known.get(items)
        if known is not None:
            return known
        if self.used >= self.limit:
            raise OutOfTrialsError
        self.used += 1
        answer = self.enough(items)
        self._known[items] = answer
        return answer


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """`items` are enough; `minimal` says that without any one of them they are not (False: the trials ran out before that was known)."""

    items: tuple[T, ...]
    minimal: bool


def ddmin(items: Sequence[T], trials: Trials[T]) -> Found[T]:
    """Return a part of `items`, in their order, that is enough and of which no single item can be spared. All `items` must be enough, and none must
    not be.

    Deterministic. For one culprit among n it asks at most 2·log2(n) times, in the worst case n² + 3n; where the trials run out, the smallest set known so far
    comes back.
    """
    current = list(items)
    parts = 2
    try:
        while len(current) > 1:
            chunks = _split(current, parts)
            smaller = _subset(chunks, trials)
            if smaller is not None:
                current, parts = smaller, 2
                continue
            rest = _complement(chunks, trials) if parts > 2 else None  # noqa: PLR2004 — of two chunks each is the other's complement
            if rest is not None:
                current, parts = rest, max(parts - 1, 2)
            elif parts < len(current):
                parts = min(len(current), parts * 2)
            else:
                break
    except OutOfTrialsError:
        return Found(tuple(current), minimal=len(current) == 1)
    return Found(tuple(current), minimal=True)


def _split(items: list[T], parts: int) -> list[list[T]]:
    """Cut into parts whose sizes differ by one at most."""
    edges = [len(items) * number // parts for number in range(parts + 1)]
    return [items[start:end] for start, end in itertools.pairwise(edges)]


def _subset(chunks: list[list[T]], trials: Trials[T]) -> list[T] | None:
    return next((chunk for chunk in chunks if trials.ask(frozenset(chunk))), None)


def _complement(chunks: list[list[T]], trials: Trials[T]) -> list[T] | None:
    for left_out in range(len(chunks)):
        rest = [item for number, chunk in enumerate(chunks) if number != left_out for item in chunk]
        if trials.ask(frozenset(rest)):
            return rest
    return None
