"""The findings that ask for something, by package: one upgrade settles several of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from careen.model.advisory import Severity
from careen.model.triage import Triaged

_NUMBERS = re.compile(r"([0-9]+)")
_LONGEST = 256  # characters of a version that count for its place


@dataclass(frozen=True, slots=True)
class Block:
    """The findings of one package and one priority, most urgent first; at least one."""

    items: tuple[Triaged, ...]

    @property
    def first(self) -> Triaged:
        """The most urgent one."""
        return self.items[0]

    @property
    def worst(self) -> Severity:
        """The highest severity."""
        return max(item.finding.severity for item in self.items)

    @property
    def fixes(self) -> tuple[str, ...]:
        """Every first version that settles some of them, in the order of the numbers in it; which is the highest is the ecosystem's to say."""
        found = dict.fromkeys(item.finding.fixed[0] for item in self.items if item.finding.fixed)
        return tuple(sorted(found, key=_by_numbers))


def _by_numbers(version: str) -> tuple[tuple[bool, int, str], ...]:
    return tuple((part.isdecimal(), len(part.lstrip("0")) if part.isdecimal() else 0, part.lstrip("0")) for part in _NUMBERS.split(version[:_LONGEST]))


def blocks(items: Iterable[Triaged]) -> tuple[Block, ...]:
    """Return one block for each package, in the order of their most urgent findings."""
    packages: dict[str, list[Triaged]] = {}
    for item in items:
        packages.setdefault(item.finding.package or f"{item.finding.name} {item.finding.version}", []).append(item)
    return tuple(Block(tuple(found)) for found in packages.values())


def brief(item: Triaged) -> str:
    """Return the verdict and then its parts, but for what stands beside it anyway: severity, fix, and that KEV does not list it."""
    severity = item.finding.severity.word
    said = ("fixed in ", "no fix is known", "not on CISA's KEV list", f"{severity} (")
    prefix = f"{item.priority.value}: "
    verdicts = [part.removeprefix(prefix) for part in item.reasons if part.startswith(prefix)]
    parts = [part for part in item.reasons if not part.startswith((prefix, *said)) and part != severity]
    return "; ".join((*verdicts, *parts))
