"""Lines of a guard for people."""

from collections import Counter
from collections.abc import Iterator

from careen.model.runs.drift import Deviation, Drift, DriftKind, Guarded
from careen.report.guard.lines import losses

_WHAT = {
    DriftKind.EXECUTABLE: "unknown executable",
    DriftKind.LIBRARY: "unknown library",
    DriftKind.CHANGED: "changed file",
    DriftKind.ENDPOINT: "unknown endpoint",
    DriftKind.SYSCALL: "unknown system call",
    DriftKind.REMOVED: "removed path",
}


def start_lines(guarded: Guarded, drift: Drift) -> Iterator[str]:
    """Yield what is watched, what it is not compared with, and the notes."""
    yield (
        f"watching {guarded.container} ({guarded.image.reference}), by the RBOM of"
        f" {guarded.profiled.reference}; Ctrl-C ends it"
    )
    for kind, why in drift.not_compared.items():
        yield f"{kind.value} is not compared: {why}"
    yield from guarded.notes


def deviation_line(deviation: Deviation) -> str:
    """Return a deviation in one line: what, by whom, why it is gone, and what to do."""
    by = f", by {deviation.program}" if deviation.program else ""
    pid = f" (process {deviation.pid})" if deviation.pid is not None else ""
    reason = deviation.removed_by
    removed = "" if reason is None else f"; removed as {reason.code}: {reason.detail}"
    return f"{_WHAT[deviation.kind]} {deviation.subject}{by}{pid}{removed}; {deviation.fix}"


def loss_line(drift: Drift) -> str:
    """Return what was lost so far."""
    named = ", ".join(f"{name} {count:,}" for name, count in losses(drift).items())
    return f"{drift.lost:,} events lost so far ({named}): what they were is not known"


def verdict_line(drift: Drift, end: str) -> str:
    """Return the result of a watch in one sentence."""
    numbers = Counter(each.deviation.kind for each in drift.counted)
    parts = [f"{_WHAT[kind]}: {numbers[kind]:,}" for kind in DriftKind if numbers[kind]]
    more = sum(drift.unlisted.values())
    if more:
        parts.append(f"{more:,} sights of others that are not listed")
    if parts:
        found = f"drift: {', '.join(parts)}"
    elif drift.lost:
        found = "nothing unknown was seen, but not everything was seen"
    else:
        found = "no drift"
    lost = f"; {drift.lost:,} events lost" if drift.lost else ""
    left = "".join(f"; {kind.value} not compared" for kind in drift.not_compared)
    return f"{found}{lost}{left}; {end}"
