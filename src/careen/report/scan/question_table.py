"""Markdown table of the answers to the four questions of BOD 26-04."""

from collections.abc import Iterable, Iterator, Sequence

from careen.report.markdown_text import escaped

MAX_ANSWER = 160  # characters of one answer

HEAD = (
    "| finding | package | exposed | automatable | total control | exploited |",
    "| --- | --- | --- | --- | --- | --- |",
)

Row = tuple[str, str, Sequence[str]]
"""A finding's id, its package, and its four answers in the order of the head."""


def question_table(rows: Iterable[Row], room: int) -> Iterator[str]:
    """Yield the head and a line for each row, of at most `room` characters together.

    Nothing without a row. Texts are escaped.
    """
    left = room - sum(len(line) + 1 for line in HEAD)
    is_begun = False
    for identifier, package, answers in rows:
        cells = (
            escaped(identifier, 60),
            escaped(package, 120),
            *(escaped(answer, MAX_ANSWER) for answer in answers),
        )
        line = f"| {' | '.join(cells)} |"
        left -= len(line) + 1
        if left < 0:
            return
        if not is_begun:
            yield from HEAD
            is_begun = True
        yield line
