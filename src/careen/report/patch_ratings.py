"""The findings of a patch plan as a view names them: the worst first, with what is bad about
them.
"""

from collections.abc import Iterable, Mapping

from careen.model.advisory import Severity
from careen.model.patching import PatchPlan, Rating

FEW = 3
_SAID = (Severity.CRITICAL, Severity.HIGH)  # lower ones are not worth a word in a line of names


class Ratings:
    """How bad each finding of a plan is. One that the plan does not rate counts as unknown."""

    def __init__(self, plan: PatchPlan) -> None:
        self._by_id: Mapping[str, Rating] = {rating.id: rating for rating in plan.ratings}

    def rank(self, identifier: str) -> tuple[bool, int, str]:
        """Return what sorts the worst first: known to be exploited, then by severity, then by
        name.
        """
        rating = self._by_id.get(identifier, Rating(identifier, Severity.UNKNOWN))
        return not rating.kev, -rating.severity, identifier

    def worst(self, identifiers: Iterable[str]) -> list[str]:
        """Return the identifiers, each once, the worst first."""
        return sorted(set(identifiers), key=self.rank)

    def named(self, identifiers: Iterable[str], most: int = FEW) -> str:
        """Return `CVE-1 (exploited), CVE-2 (critical) and 4 more`."""
        listed = self.worst(identifiers)
        more = f" and {len(listed) - most:,} more" if len(listed) > most else ""
        return ", ".join(self._one(identifier) for identifier in listed[:most]) + more

    def alarming(self, identifiers: Iterable[str]) -> str:
        """Return `2 known exploited, 5 critical`, "" for none of either."""
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
