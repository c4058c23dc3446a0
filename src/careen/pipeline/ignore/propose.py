"""Propose entries that excuse one vulnerability in one image."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from careen.errors import InputError
from careen.model.findings.exceptions import IgnoreProposal, ProposedException
from careen.model.findings.finding import Finding
from careen.model.findings.finding_explanation import FindingExplanation
from careen.model.findings.triage import Triaged
from careen.pipeline.findings.finding_policy import FindingPolicy
from careen.pipeline.ignore.listing import (
    AllowList,
    essence,
    read_list,
    today,
    unchangeable,
    write_list,
)
from careen.pipeline.run.session import Session
from careen.pipeline.why.finding import FindingQuestion, why_finding
from careen.triage.ignore.matching import RuleIndex
from careen.triage.ignore.propose import REVIEW_AFTER, propose, unexcusable
from careen.triage.ignore.rule import ANY, Rule
from careen.triage.ignore.shape import NewEntry
from careen.triage.ignore.standing import Standing, standing_of


@dataclass(frozen=True, slots=True)
class ProposalRequest:
    """What to propose: entries for a vulnerability in an image.

    `rboms` are as in `FindingQuestion`. `target` is the list whose shape and entries count, None
    for careen's own shape; it is written only with `write`. `review_by` is None for the default.
    """

    subject: str
    identifier: str
    database: Path
    rboms: Sequence[Path]
    must_fit: bool
    target: Path | None
    write: bool
    vex: tuple[Path, ...] = ()
    review_by: dt.date | None = None
    reason: str = ""


def propose_exceptions(request: ProposalRequest, session: Session) -> IgnoreProposal:
    """Return the entries for each affected package, and write them if that is requested.

    Raises InputError: the image does not have the vulnerability, or it runs and is exploited and
    the user gave no reason. Raises ConfigError for a list that is not understood.
    """
    day = today()
    review_by = request.review_by or day + REVIEW_AFTER
    if review_by < day:
        msg = f"--review-by {review_by} has passed: name a day to come"
        raise InputError(msg)
    listed = read_list(request.target, must_exist=False)
    question = FindingQuestion(
        request.subject,
        request.identifier,
        request.database,
        request.rboms,
        FindingPolicy(vex=request.vex),
        request.must_fit,
    )
    explained = why_finding(question, session)
    items = _excusable(explained, request.reason)
    index = RuleIndex(listed.rules)
    present, replaced = _already(items, listed.rules, index, day)
    new = [
        propose(item, request.reason, review_by, day)
        for item in items
        if item.finding.package not in present
    ]
    done = IgnoreProposal(
        explained.subject,
        explained.digest,
        explained.identifier,
        listed.shape.words,
        listed.name,
        tuple(_proposed(entry) for entry in _one_each(new)),
        listed.shape.add(b"", _one_each(new), listed.name).decode() if new else "",
        tuple(dict.fromkeys(present.values())),
        tuple(rule.where for rule in replaced),
    )
    if not request.write or not new or request.target is None:
        return done
    write_list(request.target, _changed(listed, _one_each(new), replaced, items, day))
    return replace(done, written=True)


def _excusable(explained: FindingExplanation, reason: str) -> tuple[Triaged, ...]:
    """Return the findings to excuse. Raises InputError if there are none, or they must not be."""
    if not explained.findings:
        raise InputError(_absent(explained))
    worst = next((why for item in explained.findings if (why := unexcusable(item))), "")
    if worst and not reason:
        msg = (
            f"{explained.identifier} in {explained.subject}: {worst}; careen proposes no exception"
            " on such evidence: say why it may stay with --reason TEXT"
        )
        raise InputError(msg)
    return explained.findings


def _absent(explained: FindingExplanation) -> str:
    name, subject = explained.identifier, explained.subject
    if explained.suppressed:
        first = explained.suppressed[0]
        return f"{name} in {subject} is not counted already: {first.by}: {first.reason}"
    if explained.passed:
        return f"{name} does not affect {subject}, so it needs no entry: {explained.passed[0].says}"
    if explained.records:
        return (
            f"{name} is not a finding of {subject}, so it needs no entry: its records match no"
            " package"
        )
    return (
        f"{name} is not in the database, so it is not known whether it is in {subject}; nothing is"
        " proposed"
    )


def _already(
    items: Sequence[Triaged], rules: Sequence[Rule], index: RuleIndex, today: dt.date
) -> tuple[dict[str, str], list[Rule]]:
    """Return where each excused package has its entry, and the expired entries to replace."""
    present: dict[str, str] = {}
    expired: set[int] = set()
    for item in items:
        for number in index.of(item.finding):
            rule = rules[number]
            if standing_of(rule, 1, today) is not Standing.EXPIRED:
                present.setdefault(item.finding.package, rule.where)
            elif rule.identifier != ANY:
                expired.add(number)
    return present, [rules[number] for number in sorted(expired)]


def _one_each(entries: Sequence[NewEntry]) -> list[NewEntry]:
    """Return the first entry for each name of a package: copies need one entry."""
    return list({entry.name: entry for entry in reversed(entries)}.values())[::-1]


def _proposed(entry: NewEntry) -> ProposedException:
    return ProposedException(
        entry.identifier, entry.name, entry.purl, entry.reason, entry.review_by.isoformat()
    )


def _changed(
    listed: AllowList,
    entries: Sequence[NewEntry],
    replaced: Sequence[Rule],
    items: Sequence[Triaged],
    today: dt.date,
) -> bytes:
    """Return the new file, checked by reading it again."""
    data = listed.data
    if replaced:
        data = listed.shape.remove(data, {rule.place for rule in replaced}, listed.name)
    data = listed.shape.add(data, entries, listed.name)
    rules = listed.shape.parse(data, listed.name).rules
    same = not replaced
    kept = essence((rule for rule in listed.rules if rule not in replaced), reasons=same)
    index = RuleIndex(rules)
    covered = all(_covers(rules, index, item.finding, today) for item in items)
    many = len(rules) - len(kept) > len(entries)
    if essence(rules[: len(kept)], reasons=same) != kept or many or not covered:
        raise unchangeable(listed)
    return data


def _covers(rules: Sequence[Rule], index: RuleIndex, finding: Finding, today: dt.date) -> bool:
    return any(
        standing_of(rules[number], 1, today) is not Standing.EXPIRED for number in index.of(finding)
    )
