"""Writer of a run as Markdown, for a comment on a pull request and for the summary of a job."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from careen.model.findings.triage import Priority, ScanReport
from careen.model.integration import Figure, KnownFinding, Outcome
from careen.report.integration.changes import Changes, compared
from careen.report.integration.words import (
    decisions,
    findings_of,
    not_known,
    passed,
    step_line,
    times,
)
from careen.report.markdown_text import escaped
from careen.report.scan.short_list import Places, blocks
from careen.report.terminal_output.figures import number, size

MAX_CHARACTERS = 60_000  # a comment on GitHub holds 65,536
MAX_ROWS = 30  # of each list
MAX_NAMES = 8
_LINE = 600
Item = TypeVar("Item")


def comment(outcome: Outcome) -> str:
    """Return the comment; text of the image, of advisories and of the run is escaped.

    Its first line names the run, so that the next one can replace the comment.
    """
    parts = ("\n".join(part) for part in _parts(outcome))
    text = ""
    for part in filter(None, parts):
        if len(text) + len(part) > MAX_CHARACTERS:
            return f"{text}\n\n… the rest is in the evidence.\n"
        text += ("\n\n" if text else "") + part
    return f"{text}\n"


def _parts(outcome: Outcome) -> Iterator[Iterable[str]]:
    yield _head(outcome)
    yield _figures(outcome.figures)
    if found := compared(outcome):
        yield _better(found)
        yield _worse(found)
    elif outcome.last is not None and not outcome.is_without_result:
        why = escaped(not_known(outcome.report))
        yield (f"**Compared with the last run**: not known: {why}",)
    if outcome.report is not None:
        yield _closing(outcome.report)
    yield _decide(outcome)


def _head(outcome: Outcome) -> Iterator[str]:
    yield f"<!-- careen ci {outcome.name} -->"
    sign = "✅" if passed(outcome) else "❌"
    word = (
        "failed" if outcome.failure else "passed" if passed(outcome) else "a threshold is crossed"
    )
    yield f"### {sign} careen {outcome.mode.value} {escaped(outcome.name)}: {word}"
    yield ""
    yield f"{escaped(step_line(outcome), _LINE)}."
    yield ""
    places = ", ".join(escaped(place, 300) for place in outcome.places)
    arrow = f" → {places}" if places else ""
    # Not at the start of a line: a log may show the comment, too.
    known = escaped(findings_of(outcome))
    yield f"Image: {escaped(outcome.image)}{arrow}; {known}; {times(outcome)}."


def _figures(figures: Sequence[Figure]) -> Iterator[str]:
    if not figures:
        return
    yield "| | original | result |"
    yield "| --- | ---: | ---: |"
    for each in figures:
        cells = (each.title, _shown(each, each.before), _shown(each, each.after))
        yield f"| {' | '.join(cells)} |"


def _shown(figure: Figure, value: int | None) -> str:
    if value is None:
        return "unknown"
    return size(value) if figure.unit == "bytes" else number(value)


def _better(found: Changes) -> Iterator[str]:
    yield f"**Better than the last run**: {_many(len(found.closed), 'finding')} closed"
    yield from _listed(found.closed, _known)
    if found.excepted:
        yield ""
        yield f"No longer counted, with a reason: {_many(len(found.excepted), 'finding')}"
        yield from _listed(found.excepted, _known)
    if found.unknown:
        yield ""
        many = _many(len(found.unknown), "finding")
        yield f"Not known any more, for no advisory is about their packages: {many}"
        yield from _listed(found.unknown, _known)


def _worse(found: Changes) -> Iterator[str]:
    new, worse = _many(len(found.new), "new finding"), len(found.worse)
    yield f"**Worse than the last run**: {new}, {worse:,} more serious"
    yield from _listed(
        found.new,
        lambda item: (
            f"{item.finding.id} in {item.finding.name} {item.finding.version}"
            f" ({item.finding.severity.word}, {item.tier_words})"
        ),
    )
    yield from _listed(
        found.worse,
        lambda each: f"{each.item.finding.id} in {each.item.finding.name}: {each.why}",
    )


def _known(each: KnownFinding) -> str:
    return f"{each.id} in {each.name} {each.installed} ({each.severity}, {each.tier})"


def _listed(items: Sequence[Item], words: Callable[[Item], str]) -> Iterator[str]:
    if items:
        yield ""
    yield from (f"- {escaped(words(item), _LINE)}" for item in items[:MAX_ROWS])
    if len(items) > MAX_ROWS:
        yield f"- and {len(items) - MAX_ROWS:,} more"


def _closing(report: ScanReport) -> Iterator[str]:
    """Yield the versions that close findings, the most urgent packages first."""
    fixable = [item for item in report.findings if item.finding.fixable]
    if not fixable:
        return
    places = Places(report.inventory)
    found = [
        block
        for priority in Priority
        for block in blocks(item for item in fixable if item.priority is priority)
    ]
    yield "**Versions that close findings**"
    yield ""
    yield "| package | to | closes | priority |"
    yield "| --- | --- | --- | --- |"
    for block in found[:MAX_ROWS]:
        names = [f"{item.finding.id} ({item.finding.severity.word})" for item in block.items]
        more = f" and {len(names) - MAX_NAMES:,} more" if len(names) > MAX_NAMES else ""
        cells = (
            escaped(f"{block.named} {places.of(block.packages)}".rstrip(), 400),
            escaped(block.upgrade.words, 120),
            escaped(", ".join(names[:MAX_NAMES]), _LINE) + more,
            block.first.priority.value,
        )
        yield f"| {' | '.join(cells)} |"
    if len(found) > MAX_ROWS:
        yield ""
        yield f"… and {_many(len(found) - MAX_ROWS, 'more upgrade')}."


def _decide(outcome: Outcome) -> Iterator[str]:
    asked = decisions(outcome)
    report = outcome.report
    unfixed = (
        []
        if report is None
        else [
            item
            for item in report.findings
            if item.priority is Priority.ACT and not item.finding.fixable
        ]
    )
    yield "**To decide**"
    if not asked and not unfixed:
        yield ""
        yield "Nothing."
    yield from _listed(asked, str)
    yield from _listed(
        unfixed,
        lambda item: (
            f"{item.finding.id} in {item.finding.name} {item.finding.version} has no fix: remove or"
            " replace the package, or accept it with a reason and an end"
        ),
    )


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
