"""Rows of finding counts for a summary, and their basis."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from careen.model.findings.findings_count import FindingsCount
from careen.report.old_feeds import age_of
from careen.report.terminal_output.figures import number
from careen.report.terminal_output.screen import Signs, shown
from careen.report.terminal_output.tables import changed


def count_rows(
    before: FindingsCount,
    after: FindingsCount,
    fields: Sequence[tuple[str, str]],
    signs: Signs,
) -> Iterator[tuple[str, str, str, Text]]:
    """Yield label, before, after and change for each of `fields` (label, attribute).

    Those of an image are unknown if no package of it was compared, and one without a value is.
    """
    for label, field in fields:
        one, two = _known(before, field), _known(after, field)
        change = Text(signs.unknown) if one is None or two is None else changed(one, two, signs)
        yield shown(label, signs), _shown(one, signs), _shown(two, signs), change


def _shown(count: int | None, signs: Signs) -> str:
    return signs.unknown if count is None else number(count)


def _known(count: FindingsCount, field: str) -> int | None:
    value: int | None = None if count.compared.nothing else getattr(count, field)
    return value


def basis(before: FindingsCount) -> str:
    """Return the basis of the counts: the age of the feeds, and the packages without a feed."""
    age = age_of(before.database.values(), before.counted)
    parts = (f"feeds up to {age:,} days old" if age else "", before.compared.gap)
    return "; ".join(part for part in parts if part)
