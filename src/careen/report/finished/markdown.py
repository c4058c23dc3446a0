"""Renderer of a finished run as Markdown that fits a pull request."""

from collections.abc import Iterator, Mapping
from typing import Any

from careen.errors import ConfigError
from careen.report.finished.compliance_text import compliance_lines
from careen.report.finished.facts import MALFORMED, ReportFacts, ended_of, not_known
from careen.report.finished.figures import pairs
from careen.report.markdown_text import escaped
from careen.report.scan.question_table import Row, question_table

FINDINGS = 10
"""Findings in the table, in their order; all are counted."""

ENDED = 10
"""Signatures and attestations of the original in the table; all are counted."""

LINES = 20
"""Of what is not known."""

_QUESTIONS = ("exposed", "automatable", "total_control", "exploited")
_ASKED_ROOM = 10_000  # characters


def report_markdown(facts: ReportFacts) -> bytes:
    """Return the text, UTF-8. Raises ConfigError if a document is not one of careen's."""
    try:
        text = "\n".join(_lines(facts))
    except MALFORMED as error:
        msg = f"a document of the report is not as careen writes it: {error}"
        raise ConfigError(msg) from error
    return f"{text}\n".encode("utf-8", "replace")


def _lines(facts: ReportFacts) -> Iterator[str]:
    summary = facts.summary
    yield f"### {facts.verdict}: {escaped(summary['original']['reference'])}"
    yield ""
    yield from (f"→ {escaped(place)}" for place in summary["promoted"])
    yield f"`{escaped(summary['hardened']['digest'])}`"
    yield ""
    yield "| | before | after |"
    yield "| --- | ---: | ---: |"
    yield from (f"| {each.title} | {each.before} | {each.after} |" for each in pairs(facts))
    yield ""
    yield from _findings(facts)
    yield from compliance_lines(facts)
    yield from _ended(facts)
    gaps = [escaped(each) for each in not_known(facts)]
    if gaps:
        yield "**Not known**"
        yield ""
        yield from (f"- {each}" for each in gaps[:LINES])
        if len(gaps) > LINES:
            yield f"- and {len(gaps) - LINES} more"


def _ended(facts: ReportFacts) -> Iterator[str]:
    ended = ended_of(facts)
    if ended is None or not ended.documents:
        return
    yield f"**Signed of the original, and not of the result: {len(ended.documents):,}**"
    yield ""
    yield "| What | Type | Digest |"
    yield "| --- | --- | --- |"
    for each in ended.documents[:ENDED]:
        cells = (each.kind.value, each.type, each.digest)
        yield f"| {' | '.join(escaped(cell) for cell in cells)} |"
    yield ""


def _findings(facts: ReportFacts) -> Iterator[str]:
    if facts.findings is None or not facts.findings["findings"]:
        return
    listed = facts.findings["findings"]
    yield f"**{len(listed):,} findings are left; the first:**"
    yield ""
    yield "| Finding | Package | Fixed in | Severity | Evidence |"
    yield "| --- | --- | --- | --- | --- |"
    for each in listed[:FINDINGS]:
        cells = (
            each["id"],
            f"{each['name']} {each['installed']}",
            ", ".join(each["fixed"]) or "no fix known",
            each["severity"] or "unknown",
            each["tier"],
        )
        yield f"| {' | '.join(escaped(cell) for cell in cells)} |"
    yield ""
    asked = [*question_table(map(_asked, filter(_is_asked, listed[:FINDINGS])), _ASKED_ROOM)]
    if asked:
        yield "**CISA's four questions (BOD 26-04) about them:**"
        yield ""
        yield from asked
        yield ""


def _is_asked(finding: Mapping[str, Any]) -> bool:
    """Return whether a finding has answers; documents of earlier versions have none."""
    return bool(finding.get("questions"))


def _asked(finding: Mapping[str, Any]) -> Row:
    answers = [finding["questions"][name] for name in _QUESTIONS]
    words = [f"{each['answer']} ({each['source']})" for each in answers]
    return finding["id"], f"{finding['name']} {finding['installed']}", words
