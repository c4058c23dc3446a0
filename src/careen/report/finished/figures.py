"""What a run changed, in figures of before and after."""

from collections.abc import Callable
from dataclasses import dataclass

from careen.report.finished.facts import ReportFacts
from careen.report.terminal_output import figures


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


def pairs(facts: ReportFacts) -> list[Pair]:
    """Return what is compared; findings only if they were counted for both images."""
    before, after = facts.summary["original"], facts.summary["hardened"]
    packages = [sum(each["packages"].values()) for each in (before, after)]
    rows = [
        _pair("Size", before["size_bytes"], after["size_bytes"], size),
        _pair("Packages", packages[0], packages[1], count),
        _pair("Files", before["files"], after["files"], count),
        _pair("Executables", before["executables"], after["executables"], count),
        _pair("Setuid files", before["setuid"], after["setuid"], count),
        _pair("Shells", before["shells"], after["shells"], count),
    ]
    if before["findings"] is not None and after["findings"] is not None:
        first, second = before["findings"], after["findings"]
        rows += [
            _pair("Findings", first["total"], second["total"], count),
            _pair("Findings that can execute", first["executed"], second["executed"], count),
        ]
    return rows


def _pair(
    title: str, before: int | None, after: int | None, shown: Callable[[int | None], str]
) -> Pair:
    share = round(100 * after / before, 1) if before and after else 0
    return Pair(title, shown(before), shown(after), 100 if before else 0, min(share, 100))
