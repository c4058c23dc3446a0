"""The counts of findings in a summary: unknown where nothing was compared, and what they rest
on.
"""

from collections.abc import Iterator, Sequence

from rich.text import Text

from careen.model.findings_count import FindingsCount
from careen.report.figures import number
from careen.report.old_feeds import age_of
from careen.report.screen import Signs, shown
from careen.report.tables import changed


def count_rows(
    before: FindingsCount,
    after: FindingsCount,
    fields: Sequence[tuple[str, str]],
    signs: Signs,
) -> Iterator[tuple[str, str, str, Text]]:
    """Yield label, before, after and change for each of `fields` (label, attribute of the counts).

    What is left of the original's findings is known only if the original was compared with
    something.
    """
    for label, field in fields:
        if before.compared.nothing:
            yield shown(label, signs), signs.unknown, signs.unknown, Text(signs.unknown)
            continue
        one, two = getattr(before, field), getattr(after, field)
        yield shown(label, signs), number(one), number(two), changed(one, two, signs)


def basis(before: FindingsCount) -> str:
    """Say what the counts rest on: the age of the feeds, and the packages that no feed speaks
    about.
    """
    age = age_of(before.database.values(), before.counted)
    parts = (f"feeds up to {age:,} days old" if age else "", before.compared.gap)
    return "; ".join(part for part in parts if part)
