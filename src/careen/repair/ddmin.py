"""Delta debugging: search for a small sufficient set of items.

`ddmin` is from Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (IEEE
TSE 28(2), 2002). Here the set makes a failing run pass. `isolate` needs fewer trials, but
requires that supersets of a sufficient set are sufficient. It follows Junker, "QuickXplain:
Preferred Explanations and Relaxations for Over-Constrained Problems" (AAAI 2004).
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


class OutOfTrialsError(Exception):
    """The trials are used up; not raised outside of this package."""


class NotEnoughError(Exception):
    """Not even all items together are sufficient."""


@dataclass(slots=True)
class Trials(Generic[T]):
    """Cache of the answers of `enough`, with at most `limit` calls; `used` counts them."""

    enough: Callable[[frozenset[T]], bool]
    limit: int
    used: int = 0
    _known: dict[frozenset[T], bool] = field(default_factory=dict)

    def ask(self, items: frozenset[T]) -> bool:
        """Return whether the items are sufficient. Raises OutOfTrialsError."""
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
    """Result of a search: sufficient `items`.

    `minimal` means that every item is needed; False if the trials ran out before that was known.
    """

    items: tuple[T, ...]
    minimal: bool


def ddmin(items: Sequence[T], trials: Trials[T]) -> Found[T]:
    """Return a sufficient subset of `items`, in their order, in which every item is needed.

    All `items` must be sufficient, and the empty set must not be. Deterministic. For one culprit
    among n, it takes at most 2·log2(n) trials; the worst case is n² + 3n. If the trials run out,
    the smallest known set is returned.
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
    """Return a sufficient subset of `items`, in their order, in which every item is needed.

    Supersets of sufficient sets must be sufficient, and the empty set must not be. Deterministic.
    For k culprits among n, it takes about k·log2(n) trials. If they run out, the smallest known set
    is returned. Raises NotEnoughError if all items turn out not to be sufficient.
    """
    # The last item of the shortest sufficient prefix is needed; those before it may be needed.
    found: list[T] = []
    enough = list(items)  # together with `found`
    try:
        while enough and not (found and trials.ask(frozenset(found))):
            if (
                found
                and len(found) + len(enough) == len(items)
                and not trials.ask(frozenset(items))
            ):  # no trial has succeeded so far
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
    """Split into parts whose sizes differ by at most one."""
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
