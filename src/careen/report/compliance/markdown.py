"""Writer of an assessment as Markdown."""

from collections.abc import Iterator

from careen.model.compliance.assessment import Assessment, FrameworkResult
from careen.model.compliance.result import CheckResult, Result
from careen.model.runs.masking import masked
from careen.report.markdown_text import escaped

_EVIDENCE = 10  # pieces of evidence of one failed check


def to_markdown(assessment: Assessment) -> bytes:
    """Return the document: numbers by framework, what failed with its fix, then all items."""
    lines = (
        *(*_head(assessment), *_numbers(assessment), *_failed(assessment)),
        *(*_opinion(assessment), *_all(assessment)),
    )
    return ("\n".join(lines) + "\n").encode()


def _safe(text: str, limit: int = 600) -> str:
    return escaped(masked(text), limit)


def _head(assessment: Assessment) -> Iterator[str]:
    databases = ", ".join(f"{each.name} {each.date}" for each in assessment.databases)
    yield "# Compliance"
    yield ""
    yield "| | |"
    yield "| --- | --- |"
    facts = {
        "image": assessment.subject,
        "digest": assessment.digest,
        "platform": assessment.platform,
        "assessed by": assessment.tool,
        "from, to": f"{assessment.started}, {assessment.ended}",
        "paths, packages": f"{assessment.paths}, {assessment.packages}",
        "advisories": databases or "none",
        "also given": ", ".join(assessment.inputs) or "nothing",
    }
    for name, value in facts.items():
        yield f"| {name} | {_safe(value, 4000)} |"
    for note in assessment.notes:
        yield ""
        yield f"Note: {_safe(note)}"
    yield ""


def _numbers(assessment: Assessment) -> Iterator[str]:
    yield "## Numbers"
    yield ""
    yield (
        "| framework | content | items | pass | fail | n/a | not evaluable | inherited | manual |"
    )
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for each in assessment.frameworks:
        numbers = each.coverage
        yield (
            f"| {_safe(each.id)} | {_safe(each.content)} | {numbers.items} | {numbers.passed}"
            f" | {numbers.failed} | {numbers.not_applicable} | {numbers.not_evaluable}"
            f" | {numbers.inherited} | {numbers.manual} |"
        )
    for each in assessment.frameworks:
        yield ""
        yield f"{_safe(each.id)}: {_safe(each.owner)}"
    yield ""


def _failed(assessment: Assessment) -> Iterator[str]:
    failed = [each for each in assessment.checks if each.result is Result.FAIL]
    if not failed:
        return
    yield "## Failed checks"
    for check in failed:
        yield ""
        yield from _failure(check)
    yield ""


def _failure(check: CheckResult) -> Iterator[str]:
    yield f"### {_safe(check.title)}"
    yield ""
    yield f"{_safe(check.reason)} ({check.check}). Fix: {_safe(check.fix)}"
    if check.evidence:
        yield ""
    for each in check.evidence[:_EVIDENCE]:
        yield f"- {_safe(each.where)}: {_safe(each.value)}"
    if (rest := check.found - min(_EVIDENCE, len(check.evidence))) > 0:
        yield f"- and {rest} more"


def _opinion(assessment: Assessment) -> Iterator[str]:
    opinion = assessment.second_opinion
    if opinion is None:
        return
    yield "## Second opinion"
    yield ""
    if not opinion.evaluated:
        yield f"{_safe(opinion.tool)}: not evaluated: {_safe(opinion.reason)}."
        yield ""
        return
    told = ", ".join(f"{count} {word}" for word, count in opinion.counts.items())
    yield f"{_safe(opinion.tool)}, {_safe(opinion.content)}, {_safe(opinion.profile)}: {told}."
    yield ""
    yield "| rule | OpenSCAP | careen | checks | how the questions differ |"
    yield "| --- | --- | --- | --- | --- |"
    for each in opinion.compared:
        yield (
            f"| {_safe(each.rule)} | {each.theirs} | {each.ours} | {', '.join(each.checks)}"
            f" | {_safe(each.difference)} |"
        )
    yield ""


def _all(assessment: Assessment) -> Iterator[str]:
    for framework in assessment.frameworks:
        yield from _items(framework)


def _items(framework: FrameworkResult) -> Iterator[str]:
    yield f"## {_safe(framework.title)}"
    yield ""
    yield "| item | title | result | reason | controls |"
    yield "| --- | --- | --- | --- | --- |"
    for item in framework.items:
        reason = f"{item.reason} Not shown by this: {item.rest}" if item.rest else item.reason
        yield (
            f"| {_safe(item.id)} | {_safe(item.title)} | {item.result.value}"
            f" | {_safe(reason)} | {_safe(', '.join(item.controls))} |"
        )
    yield ""
