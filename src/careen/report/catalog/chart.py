"""Charts of one image over time, as numbers for hand-written SVG: sizes, and open findings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from careen.model.catalog.refresh import BaseEvent

WIDTH, HEIGHT = 320, 80
SEVERITIES = ("critical", "high", "medium", "low", "negligible", "unknown")
MOST = 60
"""Events in a chart: the last ones."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of a chart; `level` is the place of its severity in `SEVERITIES`."""

    x: float
    y: float
    width: float
    height: float
    level: int


def size_line(events: Sequence[BaseEvent]) -> str:
    """Return the points of the line of sizes, as SVG writes them; the axis begins at 0."""
    shown = events[-MOST:]
    most = max((each.size_bytes for each in shown), default=0) or 1
    step = WIDTH / len(shown) if shown else WIDTH
    points: list[str] = []
    for number, each in enumerate(shown):
        y = HEIGHT - HEIGHT * each.size_bytes / most * 0.9
        points += [f"{number * step:.1f},{y:.1f}", f"{(number + 1) * step:.1f},{y:.1f}"]
    return " ".join(points)


def finding_bars(events: Sequence[BaseEvent]) -> tuple[Bar, ...]:
    """Return the bars of open findings by severity, the worst at the bottom.

    An event without advisories has none: that is not zero findings, and the table says so.
    """
    return tuple(_bars(events[-MOST:]))


def _bars(shown: Sequence[BaseEvent]) -> Iterator[Bar]:
    totals = [sum(count for _, count in each.severities or ()) for each in shown]
    most = max(totals, default=0) or 1
    step = WIDTH / len(shown) if shown else WIDTH
    for number, each in enumerate(shown):
        counts, y = dict(each.severities or ()), float(HEIGHT)
        for level, word in enumerate(SEVERITIES):
            height = HEIGHT * counts.get(word, 0) / most * 0.9
            if height:
                y -= height
                width = max(step - 2, 1.0)
                yield Bar(round(number * step, 1), round(y, 1), round(width, 1), height, level)
