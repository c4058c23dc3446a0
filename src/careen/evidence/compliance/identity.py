"""Identifiers and text that the documents of an assessment share."""

import re
import uuid

from careen.formats.printable import printable_line
from careen.model.compliance.assessment import Assessment, FrameworkResult, ItemResult
from careen.model.compliance.result import CheckResult
from careen.model.runs.masking import masked

_SPACE = uuid.UUID("6f0c4a0e-6f36-5b2e-9d0b-0e6c8f1a7d11")  # of careen's assessments
_LONGEST = 4000  # characters of one text of an image in a document
_UNFIT = re.compile(r"[^A-Za-z0-9.-]")


def stable_uuid(assessment: Assessment, *parts: str) -> str:
    """Return an identifier that is the same for the same image, tool and parts."""
    key = "\0".join((assessment.digest, assessment.tool, assessment.started, *parts))
    return str(uuid.uuid5(_SPACE, key.encode("utf-8", "replace").decode()))


def plain(text: str) -> str:
    """Return text of an image as one line that XML and JSON can hold, bounded, without secrets."""
    # Printable characters are a part of what XML 1.0 can hold (https://www.w3.org/TR/xml/#charsets).
    return printable_line(masked(text)[:_LONGEST])


def name_of(text: str) -> str:
    """Return a text as part of an XML name; other texts give other names."""
    return _UNFIT.sub(lambda found: f"-{ord(found[0]):x}-", text)


def evidence_lines(check: CheckResult) -> list[str]:
    """Return the evidence of a check, one piece a line, with how many there are."""
    lines = [
        plain(f"{each.where}: {each.value}{f' ({each.digest})' if each.digest else ''}")
        for each in check.evidence
    ]
    rest = check.found - len(check.evidence)
    return [*lines, f"and {rest} more"] if rest else lines


def checks_of(assessment: Assessment, item: ItemResult) -> tuple[CheckResult, ...]:
    """Return the results of an item's checks."""
    return tuple(each for each in assessment.checks if each.check in item.checks)


def fixes_of(assessment: Assessment, item: ItemResult) -> str:
    """Return what to do about a failed item, "" for any other."""
    return " ".join(each.fix for each in checks_of(assessment, item) if each.fix)


def details_of(assessment: Assessment, item: ItemResult) -> str:
    """Return reason, remainder and evidence of an item as text."""
    lines = [plain(item.reason)]
    if item.rest:
        lines.append(f"Not shown by this: {item.rest}")
    for check in checks_of(assessment, item):
        lines.append(f"Check {check.check}: {check.result.value}. {plain(check.reason)}")
        lines += [f"  {line}" for line in evidence_lines(check)]
        lines.append(f"  By hand: {check.command}")
    return "\n".join(lines)


def header_of(assessment: Assessment, framework: FrameworkResult) -> str:
    """Return what a document states of its making."""
    databases = ", ".join(f"{each.name} {each.date}" for each in assessment.databases)
    numbers = framework.coverage
    return (
        f"{assessment.tool}; content {framework.content}, checked {framework.dated}; image"
        f" {plain(assessment.subject)} {assessment.digest}; advisories: {databases or 'none'};"
        f" {numbers.items} items: {numbers.passed} pass, {numbers.failed} fail,"
        f" {numbers.not_applicable} not applicable, {numbers.not_evaluable} not evaluable,"
        f" {numbers.inherited} inherited, {numbers.manual} manual. {framework.owner}"
    )
