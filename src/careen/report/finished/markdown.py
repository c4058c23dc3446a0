"""Renderer of a finished run as Markdown that fits a pull request."""

from collections.abc import Iterator

from careen.errors import ConfigError
from careen.report.finished.facts import MALFORMED, ReportFacts, not_known
from careen.report.finished.figures import pairs
from careen.report.markdown_text import escaped

FINDINGS = 10
"""Findings in the table, in their order; all are counted."""

LINES = 20
"""Of what is not known."""


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
    gaps = [escaped(each) for each in not_known(facts)]
    if gaps:
        yield "**Not known**"
        yield ""
        yield from (f"- {each}" for each in gaps[:LINES])
        if len(gaps) > LINES:
            yield f"- and {len(gaps) - LINES} more"


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
