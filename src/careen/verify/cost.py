"""How long it took to become ready, and how much memory it took: observations, not failures."""

from collections.abc import Iterator

from careen.model.behaviour import Deviation, Weight
from careen.verify.sides import Pair

SLOWER, SLOWER_SECONDS = 1.5, 2.0
LARGER, LARGER_BYTES = 1.3, 64 << 20


def compare_cost(pair: Pair) -> Iterator[Deviation]:
    """Yield a warning for a start that takes more than 1.5 times as long and 2 s more, and for a memory peak more than 1.3 times as high and 64 MiB more."""
    one, two = pair.before.did, pair.after.did
    if one.ready_seconds is not None and two.ready_seconds is not None and _more(one.ready_seconds, two.ready_seconds, SLOWER, SLOWER_SECONDS):
        yield Deviation("start-time", Weight.WARNING, pair.where, f"ready after {one.ready_seconds:.1f} s", f"after {two.ready_seconds:.1f} s")
    if one.memory_peak is not None and two.memory_peak is not None and _more(one.memory_peak, two.memory_peak, LARGER, LARGER_BYTES):
        yield Deviation("memory", Weight.WARNING, pair.where, f"at most {_mebibytes(one.memory_peak)} of memory", _mebibytes(two.memory_peak))


def _more(before: float, after: float, ratio: float, floor: float) -> bool:
    return after > before * ratio and after - before > floor


def _mebibytes(size: int) -> str:
    return f"{size / (1 << 20):,.0f} MiB".replace(",", " ")
