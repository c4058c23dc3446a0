"""Completeness as text and as members of a JSON document."""

from typing import Any

from careen.model.runs.completeness import Completeness


def evidence_words(seen: Completeness) -> str:
    """Return `no event lost`, or what is missing."""
    return "no event lost" if seen.complete else f"INCOMPLETE: {seen.sentence()}"


def evidence_members(seen: Completeness) -> dict[str, Any]:
    """Return the members `events_lost`, `complete` and `incomplete` that documents share."""
    gaps = [{"reason": gap.reason, "count": gap.count} for gap in seen.gaps]
    return {"events_lost": seen.lost, "complete": seen.complete, "incomplete": gaps}
