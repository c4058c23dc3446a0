"""Run each check once, and map the results to the items of the frameworks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from careen.compliance.check import Check, Decision, not_evaluable
from careen.compliance.registry import CHECKS
from careen.compliance.secrets.hide import hidden
from careen.compliance.subject import Subject
from careen.errors import ImageError
from careen.model.compliance.assessment import FrameworkResult, ItemResult, coverage_of
from careen.model.compliance.framework import Framework, Item
from careen.model.compliance.result import CheckResult, Evidence, Result

_ORDER = (Result.FAIL, Result.NOT_EVALUABLE, Result.MANUAL, Result.INHERITED, Result.PASS)


def run_checks(subject: Subject, frameworks: Iterable[Framework]) -> tuple[CheckResult, ...]:
    """Return the results of all checks that the frameworks need, in the order of their ids."""
    wanted = {check for framework in frameworks for check in framework.checks()}
    return tuple(_run(CHECKS[name], subject) for name in sorted(wanted))


def _run(check: Check, subject: Subject) -> CheckResult:
    decision = _decide(check, subject)
    return CheckResult(
        check=check.id,
        title=check.title,
        result=decision.result,
        reason=hidden(decision.reason),
        evidence=tuple(map(_shown, decision.evidence)),
        found=decision.found,
        fix=check.fix if decision.result is Result.FAIL else "",
        command=check.command,
    )


def _shown(evidence: Evidence) -> Evidence:
    """Return evidence without likely secrets: histories, variables and names hold them."""
    return replace(evidence, where=hidden(evidence.where), value=hidden(evidence.value))


def _decide(check: Check, subject: Subject) -> Decision:
    if len(subject.rootfs) <= 1 and not check.reads.startswith("configuration"):
        return not_evaluable("the image has no files")
    try:
        return check.decide(subject)
    except ImageError as error:
        # A file of the image that breaks a limit must not decide the others.
        return not_evaluable(f"cannot be read: {error}")


def map_items(
    frameworks: Sequence[Framework], results: Sequence[CheckResult]
) -> tuple[FrameworkResult, ...]:
    """Return the results of the frameworks' items."""
    known = {result.check: result for result in results}
    return tuple(_framework(framework, known) for framework in frameworks)


def _framework(framework: Framework, known: Mapping[str, CheckResult]) -> FrameworkResult:
    items = tuple(_item(item, known) for item in framework.items)
    return FrameworkResult(
        id=framework.id,
        title=framework.title,
        content=framework.content,
        dated=framework.dated.isoformat(),
        source=framework.source,
        owner=framework.owner,
        coverage=coverage_of(item.result for item in items),
        items=items,
    )


def _item(item: Item, known: Mapping[str, CheckResult]) -> ItemResult:
    if item.status is not None:
        result, reason = _fixed(item, item.status, known)
    else:
        result, reason = combined([known[check] for check in item.checks])
    return ItemResult(
        id=item.id,
        title=item.title,
        result=result,
        reason=reason,
        rest=item.rest,
        checks=item.checks or item.premise,
        controls=item.controls,
        cci=item.cci,
        criteria=item.criteria,
        severity=item.severity,
        group=item.group,
    )


def _fixed(item: Item, status: Result, known: Mapping[str, CheckResult]) -> tuple[Result, str]:
    """Return the fixed status, unless a check that it rests on did not pass."""
    broken = [known[name] for name in item.premise if known[name].result is not Result.PASS]
    if not broken:
        return status, item.rationale
    reasons = "; ".join(f"{each.check}: {each.reason}" for each in broken)
    return Result.MANUAL, f"judge by hand, because this does not hold here: {reasons}"


def combined(results: Sequence[CheckResult]) -> tuple[Result, str]:
    """Return the result of several checks, and the reasons of those that decide it.

    One failure fails the item; one check without evidence leaves it open. What does not apply
    counts only if nothing applies.
    """
    result = next(
        (one for one in _ORDER if any(each.result is one for each in results)),
        Result.NOT_APPLICABLE,
    )
    reasons = dict.fromkeys(each.reason for each in results if each.result is result)
    return result, "; ".join(reasons)
