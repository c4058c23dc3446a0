"""Selection of the differences that occur in every run."""

from collections.abc import Callable, Iterable, Iterator

from careen.model.runs.behaviour import Deviation, Weight
from careen.verify.causes import Causes
from careen.verify.sides import Pair
from careen.verify.unsure import Inconclusive

NOT_AGAIN = ", but not when it was tried again"


def in_every_run(
    pair: Pair,
    compare: Callable[[Pair, Causes], Iterable[Deviation]],
    causes: Causes,
    unsure: Inconclusive,
) -> Iterator[Deviation]:
    """Yield the first run's differences that occur in all runs; the others are noise.

    A difference that is a warning in any run is a warning.
    """
    others = [
        {(item.kind, item.where): item for item in compare(each, causes)} for each in pair.again
    ]
    for item in compare(pair, causes):
        found = [each.get((item.kind, item.where)) for each in others]
        if None in found:
            unsure.is_noise(f"{item}{NOT_AGAIN}")
            continue
        failure = all(each is not None and each.weight is Weight.FAILURE for each in (item, *found))
        yield item if failure or item.weight is Weight.WARNING else _warning(item)


def _warning(item: Deviation) -> Deviation:
    return Deviation(item.kind, Weight.WARNING, item.where, item.before, item.after, item.cause)
