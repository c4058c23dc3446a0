"""Terminal view of `careen comply`."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from careen.model.compliance.assessment import Assessment, Compliance, Coverage
from careen.model.compliance.result import CheckResult, Result
from careen.report.terminal_output.figures import counted
from careen.report.terminal_output.screen import shown
from careen.report.terminal_output.tables import section, table
from careen.report.views.cryptography import cryptography_lines

HEAD = (*("framework", "items", "pass", "fail", "n/a", "not evaluable", "inherited", "manual"),)
_NUMBERS = tuple(range(1, len(HEAD)))
_EVIDENCE = 5  # pieces of evidence that one failed check shows


def numbers(coverage: Coverage) -> tuple[str, ...]:
    """Return the numbers of a framework in the order of HEAD."""
    return tuple(
        map(
            str,
            (
                *(coverage.items, coverage.passed, coverage.failed, coverage.not_applicable),
                *(coverage.not_evaluable, coverage.inherited, coverage.manual),
            ),
        )
    )


def print_compliance(console: Console, compliance: Compliance, *, details: bool) -> None:
    """Print the numbers of each image by framework, then what failed and how to fix it."""
    if len(compliance.assessments) > 1:
        _print_overview(console, compliance)
        if not details:
            return
    for assessment in compliance.assessments:
        _print_one(console, assessment, details=details)


def _print_overview(console: Console, compliance: Compliance) -> None:
    for each in compliance.assessments:
        section(console, shown(each.subject), _table(each))


def _table(assessment: Assessment) -> Table:
    rows = [(each.id, *numbers(each.coverage)) for each in assessment.frameworks]
    return table(rows, right=_NUMBERS, head=HEAD)


def _print_one(console: Console, assessment: Assessment, *, details: bool) -> None:
    title = f"{shown(assessment.subject)}  {shown(assessment.digest)}"
    section(console, title, _table(assessment))
    section(console, "Failed", _failed(assessment))
    if assessment.cryptography is not None:
        lines = cryptography_lines(assessment.cryptography, details=details)
        section(console, "Cryptography", lines)
    if details:
        section(console, "All items", _items(assessment))
    section(console, "Second opinion", _opinion(assessment))
    section(console, "Not shown by an image", _owners(assessment))


def _failed(assessment: Assessment) -> Iterator[str]:
    for check in assessment.checks:
        if check.result is Result.FAIL:
            yield from _failure(assessment, check)


def _failure(assessment: Assessment, check: CheckResult) -> Iterator[str]:
    items = (
        f"{framework.id} {item.id}"
        for framework in assessment.frameworks
        for item in framework.items
        if check.check in item.checks
    )
    yield f"{check.check}: {shown(check.reason)} ({', '.join(items)})"
    for each in check.evidence[:_EVIDENCE]:
        yield f"  {shown(each.where)}: {shown(each.value)}"
    if check.found > _EVIDENCE:
        yield f"  and {counted(check.found - _EVIDENCE, 'other')}: comply.json has more"
    yield f"  fix: {check.fix}"


def _items(assessment: Assessment) -> Iterator[str]:
    for framework in assessment.frameworks:
        for item in framework.items:
            yield f"{framework.id} {item.id}: {item.result.value}: {shown(item.reason)}"


def _opinion(assessment: Assessment) -> Iterator[str]:
    opinion = assessment.second_opinion
    if opinion is None:
        return
    if not opinion.evaluated:
        yield f"{opinion.tool}: not evaluated: {shown(opinion.reason)}"
        return
    told = ", ".join(f"{count} {word}" for word, count in opinion.counts.items())
    yield f"{opinion.tool}, {shown(opinion.content)}, {shown(opinion.profile)}: {told}"
    rules = len(opinion.compared)
    yield f"{opinion.agreements} of {counted(rules, 'compared rule')} with the same result"
    for each in opinion.compared:
        if not each.agrees:
            why = f" ({each.difference})" if each.difference else ""
            yield (
                f"  {shown(each.rule)}: {each.theirs}; here {', '.join(each.checks)}:"
                f" {each.ours}{why}"
            )


def _owners(assessment: Assessment) -> Iterator[str]:
    for framework in assessment.frameworks:
        yield f"{framework.id}: {shown(framework.owner)}"


def final_line(compliance: Compliance) -> str:
    """Return the numbers of all frameworks in one line."""
    results = [
        item.result
        for assessment in compliance.assessments
        for framework in assessment.frameworks
        for item in framework.items
    ]
    told = ", ".join(f"{results.count(each)} {each.value}" for each in Result)
    return f"{counted(len(compliance.assessments), 'image')}: {told}"
