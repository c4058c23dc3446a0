"""Delta debugging: a smallest set of things that is enough, found by asking.

`ddmin` is that of Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (IEEE
TSE 28(2), 2002), turned around: their failing input is here a set of things whose return makes a
failing run pass. `isolate` asks far less where more never hurts: the idea is that of Junker's
QuickXplain ("QuickXplain: Preferred Explanations and Relaxations for Over-Constrained Problems",
AAAI 2004), one item after the other.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


class OutOfTrialsError(Exception):
    """The trials are used up; never leaves this room."""


class NotEnoughError(Exception):
    """Not even all items together are enough."""


@dataclass(slots=True)
class Trials(Generic[T]):
    """Answers of `enough`, each set asked once; after `limit` questions no further one is asked.
    `used` counts them.
    """

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
    """`items` are enough; `minimal` says that without any one of them they are not (False: the
    trials ran out before that was known).
    """

    items: tuple[T, ...]
    minimal: bool


def ddmin(items: Sequence[T], trials: Trials[T]) -> Found[T]:
    """Return a part of `items`, in their order, that is enough and of which no single item can be
    spared. All `items` must be enough, and none must not be.

    Deterministic. For one culprit among n it asks at most 2·log2(n) times, in the worst case n² +
    3n; where the trials run out, the smallest set known so far comes back.
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
            # of two chunks each is the other's complement
            rest = _complement(chunks, trials) if parts > 2 else None  # noqa: PLR2004
            if rest is not None:
                current, parts = rest, max(parts - 1, 2)
            elif parts < len(current):
                parts = min(len(current), parts * 2)
            else:
                break
    except OutOfTrialsError:
        return Found(tuple(current), minimal=len(current) == 1)
    return Found(tuple(current), minimal=True)


def isolate(items: Sequence[T], trials: Trials[T]) -> Found[T]:
    """Return a part of `items`, in their order, that is enough and of which no single item can be
    spared, where what is enough stays enough with more. None of them must not be enough.

    Deterministic. Looks for the shortest beginning that is enough: its last item is needed, and the
    rest of it are all that may be needed besides. For k culprits among n it asks about k·log2(n)
    times; where the trials run out, the smallest set known so far comes back. Raises NotEnoughError
    when it turns out that all items are not enough.
    """
    found: list[T] = []
    enough = list(items)  # together with `found`
    try:
        while enough and not (found and trials.ask(frozenset(found))):
            if (
                found
                and len(found) + len(enough) == len(items)
                and not trials.ask(frozenset(items))
            ):  # no question was answered by yes so far
                raise NotEnoughError
            too_few = 0
            while len(enough) - too_few > 1:
                middle = (too_few + len(enough)) // 2
                if trials.ask(frozenset((*found, *enough[:middle]))):
                    del enough[middle:]
                else:
                    too_few = middle
            found.append(enough.pop())
    except OutOfTrialsError:
        return Found(_in_order(items, (*found, *enough)), minimal=len(found) + len(enough) == 1)
    return Found(_in_order(items, found), minimal=True)


def _in_order(items: Sequence[T], chosen: Sequence[T]) -> tuple[T, ...]:
    among = frozenset(chosen)
    return tuple(item for item in items if item in among)


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
