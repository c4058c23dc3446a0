"""Thresholds that cannot be answered because packages could not be compared."""

from collections.abc import Iterable

from careen.model.comparing.compared import Compared
from careen.triage.conditions import Condition


def unanswered(conditions: Iterable[Condition], compared: Compared) -> tuple[str, ...]:
    """Return one sentence for each threshold if no package of the image was compared."""
    # Such an image has no known findings; passing it would call the unknown clean.
    if not compared.nothing:
        return ()
    return tuple(f"{condition.text}: not known: {compared.gap}" for condition in conditions)


def unseen(conditions: Iterable[Condition], compared: Compared) -> tuple[str, ...]:
    """Return a warning if some packages were not compared and cannot cross a threshold."""
    texts = ", ".join(condition.text for condition in conditions)
    if not texts or compared.nothing or not compared.gap:
        return ()
    return (f"--fail-on {texts}: {compared.gap}, so no finding of theirs can cross it",)
