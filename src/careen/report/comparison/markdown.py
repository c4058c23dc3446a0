"""Renderer of a comparison as Markdown that fits a pull request."""

from collections.abc import Iterator

from careen.report.comparison.changes import RunComparison
from careen.report.comparison.sections import Section, cut, headline, sections
from careen.report.markdown_text import escaped

ROWS = 20
"""Rows of each table; more are counted."""


def comparison_markdown(found: RunComparison) -> bytes:
    """Return the text, UTF-8."""
    text = "\n".join(_lines(found))
    return f"{text}\n".encode("utf-8", "replace")


def _lines(found: RunComparison) -> Iterator[str]:
    yield f"### {escaped(headline(found))}"
    yield ""
    for side in (found.before, found.after):
        yield f"- {escaped(side.original.reference)} `{escaped(side.hardened.digest)}`"
    for section in sections(found):
        yield ""
        yield f"**{section.title}** {escaped(section.said)}".rstrip()
        yield from _table(section)


def _table(section: Section) -> Iterator[str]:
    if not section.rows:
        return
    rows, more = cut(section.rows, ROWS)
    yield ""
    yield f"| {' | '.join(section.head)} |"
    yield f"|{' --- |' * len(section.head)}"
    for row in rows:
        yield f"| {' | '.join(escaped(cell) for cell in row)} |"
    if more:
        yield ""
        yield f"… and {more:,} more"
