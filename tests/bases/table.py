"""The corpus as a table in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.bases.attempt import Outcome
from tests.bases.corpus import Subject


@dataclass(frozen=True, slots=True)
class Row:
    """One subject, the variant that is proposed for each stage, and its outcomes: as proposed, then
    with other variants.
    """

    subject: Subject
    proposed: tuple[str, ...]
    outcomes: tuple[Outcome, ...]


def table(rows: Sequence[Row], variants: Sequence[str]) -> str:
    """Return the rows with one column for each variant, and below them why some fail."""
    reasons: dict[str, int] = {}
    out = [
        f"| Dockerfile | shape | proposed | as proposed | {' | '.join(variants)} |",
        f"| --- | --- | --- | --- |{' --- |' * len(variants)}",
    ]
    for row in rows:
        first, *others = row.outcomes
        cells = [row.subject.name, row.subject.shape, ", ".join(row.proposed)]
        cells.append(_cell(first, reasons))
        for variant in variants:
            found = next((each for each in others if each.variant == variant), None)
            same = "the same" if variant == first.variant else "-"
            cells.append(same if found is None else _cell(found, reasons))
        out.append(f"| {' | '.join(cells)} |")
    notes = (f"{number}. `{text}`" for text, number in reasons.items())
    return "\n".join((*out, "", *notes)) + "\n"


def _cell(found: Outcome, reasons: dict[str, int]) -> str:
    if not found.said:
        return "passes"
    text = found.said.replace("`", "'")
    return f"fails ({reasons.setdefault(text, len(reasons) + 1)})"
