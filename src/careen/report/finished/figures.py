"""What a run changed, in figures of before and after."""

from collections.abc import Iterator
from dataclasses import dataclass

from careen.report.finished.facts import ReportFacts
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


def figures_of(facts: ReportFacts) -> Iterator[Figure]:
    """Yield what is compared; findings only if they were counted for both images."""
    before, after = facts.summary["original"], facts.summary["hardened"]
    yield Figure("Size", before["size_bytes"], after["size_bytes"], BYTES)
    packages = [sum(each["packages"].values()) for each in (before, after)]
    yield Figure("Packages", packages[0], packages[1], COUNT)
    for title, name in (
        ("Files", "files"),
        ("Executables", "executables"),
        ("Setuid files", "setuid"),
        ("Shells", "shells"),
    ):
        yield Figure(title, before[name], after[name], COUNT)
    first, second = before["findings"], after["findings"]
    if first is not None and second is not None:
        yield Figure("Findings", first["total"], second["total"], COUNT)
        yield Figure("Findings that can execute", first["executed"], second["executed"], COUNT)


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
