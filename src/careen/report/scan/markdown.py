"""Writer of a scan as Markdown, for a comment on a pull request."""

from collections.abc import Iterable, Iterator, Sequence

from careen.model.findings.advisory import Severity
from careen.model.findings.questions import FourQuestions
from careen.model.findings.triage import Priority, ScanReport, Tier, Triaged
from careen.report.completeness_words import evidence_words
from careen.report.markdown_text import escaped
from careen.report.scan.question_table import Row, question_table
from careen.report.scan.short_list import UNPROFILED, Block, Places, blocks, brief

MAX_CHARACTERS = 65_536  # of one comment on GitHub
MAX_ROWS = 100  # of the short list
MAX_NAMES = 8  # in one row
MAX_ASKED = 10  # findings with the answers to the four questions

_RESERVED = 6_000  # for what follows the short list
_ASKED_ROOM = 10_000
_LINE = 600


def scan_markdown(report: ScanReport) -> str:
    """Return the comment: figures, a table of the findings to act on, and the rest by tier.

    The four questions of BOD 26-04 are answered for the first `MAX_ASKED`. It has at most
    `MAX_CHARACTERS`; rows that do not fit are counted. Text from the image and from
    advisories is escaped.
    """
    short = [item for item in report.findings if item.priority is not Priority.TRACK]
    rest = [item for item in report.findings if item.priority is Priority.TRACK]
    head = "\n".join(_head(report, short))
    tail = "\n".join(_tail(report, rest))[:_RESERVED]
    asked = "\n".join(_asked(short))
    room = MAX_CHARACTERS - _RESERVED - len(head) - len(asked) - 200
    table = "\n".join(_table(short, Places(report.inventory), room))
    parts = (head, table, asked, tail)
    return "\n\n".join(part for part in parts if part)[: MAX_CHARACTERS - 1] + "\n"


def _plural(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _head(report: ScanReport, short: Sequence[Triaged]) -> Iterator[str]:
    yield f"### careen scan: {escaped(report.subject)}"
    yield ""
    act = sum(item.priority is Priority.ACT for item in short)
    if report.origin == "careen" and report.compared.nothing:
        yield f"**Findings are not known: {report.compared.gap}.**"
    else:
        yield (
            f"**{_plural(len(report.findings), 'finding')}: act on {act}, attend to"
            f" {len(short) - act}, track {len(report.findings) - len(short)}.**"
        )
        yield (
            f"By severity: {_by_severity(report.findings)}. Known to be exploited:"
            f" {_kev(report)}. With a fix: {_fixable(report.findings)}."
        )
    yield ""
    sources = ", ".join(
        f"{escaped(feed.name, 60)} {escaped(feed.date[:10]) or 'without a date'}"
        for feed in report.feeds[:30]
    )
    yield f"Advisories: {sources or 'none'}." + (
        f" Findings come from {escaped(report.origin)}." if report.origin != "careen" else ""
    )
    yield _observed(report)
    for line in (*report.crossed[:10], *report.warnings[:10]):
        yield ""
        yield f"> {escaped(line, _LINE)}"


def _by_severity(findings: Iterable[Triaged]) -> str:
    counts = dict.fromkeys(sorted(Severity, reverse=True), 0)
    for item in findings:
        counts[item.finding.severity] += 1
    return (
        ", ".join(f"{severity.word} {count}" for severity, count in counts.items() if count)
        or "none"
    )


def _kev(report: ScanReport) -> str:
    count = report.known_exploited(report.findings)
    return "unknown (the database has no KEV list)" if count is None else f"{count:,}"


def _fixable(findings: Iterable[Triaged]) -> int:
    return sum(item.finding.fixable for item in findings)


def _observed(report: ScanReport) -> str:
    observed = report.observed
    if observed is None:
        return f"N{UNPROFILED[1:]}."
    whose = "" if observed.exact else " of another image"
    lost = (
        ""
        if observed.completeness.complete
        else f", {escaped(evidence_words(observed.completeness))}"
    )
    return (
        f"Observed{whose}: {escaped(', '.join(observed.workloads))}, {observed.seconds:.0f}"
        f" s{lost}."
    )


def _table(short: Sequence[Triaged], places: Places, room: int) -> Iterator[str]:
    if not short:
        return
    yield "| | upgrade | tier | findings | why |"
    yield "| --- | --- | --- | --- | --- |"
    found = [
        block
        for priority in Priority
        for block in blocks(item for item in short if item.priority is priority)
    ]
    left = len(short)
    for block in found[:MAX_ROWS]:
        row = _row(block, places)
        room -= len(row) + 1
        if room < 0:
            break
        left -= block.count
        yield row
    if left:
        yield ""
        yield (
            f"… and {_plural(left, 'more finding')} to act on or attend to; the JSON report has"
            " them all."
        )


def _row(block: Block, places: Places) -> str:
    first = block.first
    names = [f"{item.finding.id} ({item.finding.severity.word})" for item in block.items]
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    fixes = escaped(block.upgrade.words, 120) or f"no fix: {first.finding.status.value}"
    many = f" ({block.size})" if block.others else ""
    where = places.of(block.packages)
    cells = (
        f"**{first.priority.value}**" if first.priority is Priority.ACT else first.priority.value,
        f"{escaped(f'{block.named} {where}'.rstrip(), 400)} → {fixes}{many}",
        first.tier_words,
        escaped(", ".join(names[:MAX_NAMES]), _LINE) + more,
        escaped(brief(first), _LINE),
    )
    return f"| {' | '.join(cells)} |"


def _asked(short: Sequence[Triaged]) -> Iterator[str]:
    """Yield the answers to the four questions for the first findings of the short list.

    Packages with the same finding and the same answers, such as those of one source, are one row.
    """
    rows: dict[tuple[str, FourQuestions], Row] = {}
    for item in short:
        finding, answers = item.finding, [answered.words for _, answered in item.questions.rows]
        row = finding.id, f"{finding.name} {finding.version}", answers
        rows.setdefault((finding.id, item.questions), row)
        if len(rows) == MAX_ASKED:
            break
    table = [*question_table(rows.values(), _ASKED_ROOM)]
    if table:
        yield "CISA's four questions (BOD 26-04) about the first of them:"
        yield ""
        yield from table


def _tail(report: ScanReport, rest: Sequence[Triaged]) -> Iterator[str]:
    if rest:
        yield "The rest, to track:"
        yield ""
        for tier in Tier:
            mine = [item for item in rest if item.tier is tier]
            if mine:
                checked = sum(item.health_check_only for item in mine)
                only = f", {checked:,} by the health check only" if checked else ""
                yield (
                    f"- {tier.value}: {_plural(len(mine), 'finding')} ({_by_severity(mine)}),"
                    f" {_fixable(mine)} with a fix{only}"
                )
    if report.suppressed:
        yield f"\nNot counted, with a reason: {_plural(len(report.suppressed), 'finding')}."
    for item in report.uncovered[:10]:
        yield (
            f"\nNot compared: {_plural(item.packages, 'package')} of {escaped(item.what, 80)}:"
            f" {escaped(item.reason, 200)}."
        )
    unknowns = report.inventory.unknowns
    if unknowns:
        yield (
            f"\nCould not be read: {_plural(len(unknowns), 'item')}, such as"
            f" {escaped(unknowns[0].path, 200)}: {escaped(unknowns[0].reason, 200)}."
        )
