"""Comparison of start time and memory peak; differences are warnings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from careen.model.runs.behaviour import Deviation, Weight
from careen.model.runs.exploration import Explored
from careen.model.runs.workload import WorkloadResult
from careen.verify.rounds import NOT_AGAIN
from careen.verify.sides import Pair
from careen.verify.unsure import Inconclusive

SLOWER, SLOWER_SECONDS = 1.5, 2.0
LARGER, LARGER_BYTES = 1.3, 64 << 20


def compare_cost(pair: Pair, unsure: Inconclusive) -> Iterator[Deviation]:
    """Yield warnings for a slower start and a higher memory peak.

    A start is slower if it takes over 1.5 times as long and 2 s more, without what it waited for a
    processor. A peak is higher if it is over 1.3 times as high and 64 MiB more. With further runs
    the new image's least is compared with the original's most.
    """
    starts = [(_start(run.before.did), _start(run.after.did)) for run in (*pair.runs, *pair.starts)]
    if (found := _extremes(starts, SLOWER, SLOWER_SECONDS)) is not None:
        item = Deviation(
            "start-time",
            Weight.WARNING,
            pair.where,
            f"ready after {found.before:.1f} s",
            f"after {found.after:.1f} s",
        )
        yield from _beyond(item, found, unsure)
    peaks = [(run.before.did.memory_peak, run.after.did.memory_peak) for run in pair.runs]
    if (found := _extremes(peaks, LARGER, LARGER_BYTES)) is not None:
        item = Deviation(
            "memory",
            Weight.WARNING,
            pair.where,
            f"at most {_mebibytes(found.before)} of memory",
            _mebibytes(found.after),
        )
        yield from _beyond(item, found, unsure)


def _start(did: WorkloadResult | Explored) -> float | None:
    """Return the seconds until it was ready, less what it waited for a processor; None if unknown.

    Other work on the machine is not the image's, and it is not the same for both images.
    """
    if did.ready_seconds is None:
        return None
    if did.held_up is not None:
        return max(did.ready_seconds - did.held_up, 0.0)
    return None if isinstance(did, Explored) and did.yielded else did.ready_seconds


@dataclass(frozen=True, slots=True)
class _Cost:
    """Cost on both images; `steady`: the new image costs more in every run."""

    before: float
    after: float
    steady: bool


def _extremes(
    runs: Sequence[tuple[float | None, float | None]], ratio: float, floor: float
) -> _Cost | None:
    """Return the original's most and the new image's least.

    None if the first run does not cost more, or is unknown.
    """
    known = [(before, after) for before, after in runs if before is not None and after is not None]
    if not known or known[0] != runs[0] or not _more(*known[0], ratio, floor):
        return None
    most, least = max(before for before, _ in known), min(after for _, after in known)
    if _more(most, least, ratio, floor):
        return _Cost(most, least, steady=True)
    return _Cost(*known[0], steady=False)


def _beyond(item: Deviation, cost: _Cost, unsure: Inconclusive) -> Iterator[Deviation]:
    if cost.steady:
        yield item
    else:
        unsure.is_noise(f"{item}{NOT_AGAIN}")


def _more(before: float, after: float, ratio: float, floor: float) -> bool:
    return after > before * ratio and after - before > floor


def _mebibytes(size: float) -> str:
    return f"{size / (1 << 20):,.0f} MiB".replace(",", " ")
