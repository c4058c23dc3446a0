"""What a run changed, in figures of before and after."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from careen.report.finished.facts import ReportFacts, nothing_compared
from careen.report.terminal_output import figures

BYTES, COUNT = "bytes", "count"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure before and after, None if it is unknown; `unit` is `bytes` or `count`."""

    title: str
    before: int | None
    after: int | None
    unit: str

    def shown(self, value: int | None) -> str:
        """Return a value of this figure for people."""
        return size(value) if self.unit == BYTES else count(value)


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure before and after, as texts, and both lengths of its bars in percent."""

    title: str
    before: str
    after: str
    before_percent: float
    after_percent: float


def count(value: int | None) -> str:
    """Return a count with thousands separators, or `unknown`."""
    return "unknown" if value is None else f"{value:,}"


def size(value: int | None) -> str:
    """Return bytes in decimal units, or `unknown`."""
    return "unknown" if value is None else figures.size(value)


def whole(value: object) -> int | None:
    """Return a count of a document, None if it is unknown. Raises TypeError for another value."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    msg = f"{value!r:.80} is not a whole number"
    raise TypeError(msg)


def share(value: object) -> float | None:
    """Return a share from 0 to 1, None if it is unknown. Raises TypeError for another value."""
    if value is None or (isinstance(value, int | float) and 0 <= value <= 1):
        return value
    msg = f"{value!r:.80} is not a share"
    raise TypeError(msg)


def figures_of(facts: ReportFacts) -> Iterator[Figure]:
    """Yield what is compared; findings only if they were counted for both images.

    A count of findings is None if no package of the image was compared with an advisory.
    """
    before, after = facts.summary["original"], facts.summary["hardened"]
    yield Figure("Size", whole(before["size_bytes"]), whole(after["size_bytes"]), BYTES)
    packages = [whole(sum(each["packages"].values())) for each in (before, after)]
    yield Figure("Packages", packages[0], packages[1], COUNT)
    for title, name in (
        ("Files", "files"),
        ("Executables", "executables"),
        ("Setuid files", "setuid"),
        ("Shells", "shells"),
    ):
        yield Figure(title, whole(before[name]), whole(after[name]), COUNT)
    if before["findings"] is not None and after["findings"] is not None:
        for title, name in (("Findings", "total"), ("Findings that can execute", "executed")):
            yield Figure(title, _counted(before, name), _counted(after, name), COUNT)


def _counted(measure: Mapping[str, Any], name: str) -> int | None:
    return None if nothing_compared(measure) else whole(measure["findings"][name])


def pairs(facts: ReportFacts) -> list[Pair]:
    """Return the figures as a page shows them."""
    return [pair(each) for each in figures_of(facts)]


def pair(figure: Figure) -> Pair:
    """Return a figure as texts and bars; the longer bar fills its row."""
    before, after = figure.before or 0, figure.after or 0
    longest = max(before, after) or 1
    return Pair(
        figure.title,
        figure.shown(figure.before),
        figure.shown(figure.after),
        round(100 * before / longest, 1),
        round(100 * after / longest, 1),
    )
