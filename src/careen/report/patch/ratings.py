"""Severities of a patch plan's findings, for display."""

from collections.abc import Iterable, Mapping

from careen.model.findings.advisory import Severity
from careen.model.patching import PatchPlan, Rating

FEW = 3
_SAID = (Severity.CRITICAL, Severity.HIGH)  # only these are named in a line


class Ratings:
    """Ratings of a plan's findings. Unrated ones count as UNKNOWN."""

    def __init__(self, plan: PatchPlan) -> None:
        self._by_id: Mapping[str, Rating] = {rating.id: rating for rating in plan.ratings}

    def rank(self, identifier: str) -> tuple[bool, int, str]:
        """Return the sort key, worst first: known exploited, then severity, then name."""
        rating = self._by_id.get(identifier, Rating(identifier, Severity.UNKNOWN))
        return not rating.kev, -rating.severity, identifier

    def worst(self, identifiers: Iterable[str]) -> list[str]:
        """Return the distinct identifiers, worst first."""
        return sorted(set(identifiers), key=self.rank)

    def named(self, identifiers: Iterable[str], most: int = FEW) -> str:
        """Return `CVE-1 (exploited), CVE-2 (critical) and 4 more`."""
        listed = self.worst(identifiers)
        more = f" and {len(listed) - most:,} more" if len(listed) > most else ""
        return ", ".join(self._one(identifier) for identifier in listed[:most]) + more

    def urgent_counts(self, identifiers: Iterable[str]) -> str:
        """Return `2 known exploited, 5 critical`, or "" if there are none."""
        known = [
            self._by_id[identifier] for identifier in set(identifiers) if identifier in self._by_id
        ]
        exploited = sum(rating.kev for rating in known)
        critical = sum(rating.severity is Severity.CRITICAL for rating in known)
        words = ((exploited, "known exploited"), (critical, "critical"))
        return ", ".join(f"{count:,} {word}" for count, word in words if count)

    def _one(self, identifier: str) -> str:
        rating = self._by_id.get(identifier)
        if rating is None:
            return identifier
        word = (
            "exploited" if rating.kev else rating.severity.word if rating.severity in _SAID else ""
        )
        return f"{identifier} ({word})" if word else identifier
