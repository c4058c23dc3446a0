"""Vulnerabilities of one image, each once, with their history, inputs and clocks."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from careen.compliance.fedramp.clocks import SETTLED, due_of
from careen.compliance.fedramp.gone import Gone, first_seen, gone_from, telling
from careen.compliance.fedramp.inputs import inputs_of, proposal_of, strongest
from careen.formats.oci_purl import repository_of
from careen.model.compliance.fedramp import (
    Clocks,
    Decision,
    Due,
    PastScan,
    Proposal,
    Rules,
    Service,
    State,
    Tracked,
    Tracking,
)
from careen.model.findings.advisory import Severity
from careen.model.findings.triage import ScanReport, Suppressed, Tier, Triaged
from careen.model.rfc3339 import parse_time

_NOTHING = Proposal(None, None, None, None, ())
_LONGEST = 2000  # characters of a description


@dataclass(frozen=True, slots=True)
class Basis:
    """What findings are judged by.

    `exceptions` are the places of the user's allow-list; other suppressions are VEX statements.
    `begins` is the end of the last report, or None; `notes` say what of the history is not used.
    """

    rules: Rules
    service: Service | None
    scanner: str
    now: dt.datetime
    past: Sequence[PastScan] = ()
    exceptions: Collection[str] = ()
    begins: dt.datetime | None = None
    notes: tuple[str, ...] = ()


def track(report: ScanReport, basis: Basis) -> Tracking:
    """Return the tracked vulnerabilities of a scan, and those of earlier scans that are gone.

    Findings of one identifier are one vulnerability (VER-EVA-GRV).
    """
    scanned = parse_time(report.created) or basis.now
    seen = first_seen(basis.past, scanned)
    groups = _groups(report)
    items = [
        _tracked(name, group, report, basis, min((scanned, *_times(group, seen))))
        for name, group in groups.items()
    ]
    there = {name for group in groups.values() for item, _ in group for name in _names(item)}
    gone = tuple(gone_from(report, there, basis.past, scanned))
    items += _remediated(gone, report)
    begins = basis.begins or min((each.time for each in basis.past), default=scanned)
    return Tracking(
        image=report.subject,
        digest=report.digest,
        scanner=basis.scanner,
        time=basis.now,
        begins=min(begins, basis.now),
        rules=basis.rules,
        service=basis.service,
        items=tuple(sorted(items, key=lambda each: each.tracking)),
        past=tuple(sorted(basis.past, key=lambda each: each.time)),
        notes=(*basis.notes, *_notes(gone, report, basis)),
    )


_Found = tuple[Triaged, Suppressed | None]


def _groups(report: ScanReport) -> Mapping[str, list[_Found]]:
    out: dict[str, list[_Found]] = {}
    found = [(item, None) for item in report.findings]
    for item, by in (*found, *((each.triaged, each) for each in report.suppressed)):
        if item.tier is not Tier.REMOVED:
            out.setdefault(item.finding.id, []).append((item, by))
    return out


def _names(item: Triaged) -> Iterator[str]:
    return telling(item.finding.id, item.finding.aliases)


def _times(group: Sequence[_Found], seen: Mapping[str, dt.datetime]) -> Iterator[dt.datetime]:
    """Yield the times of the first scans with a vulnerability, by any of its names."""
    return (seen[name] for item, _ in group for name in _names(item) if name in seen)


def _tracked(
    name: str, group: Sequence[_Found], report: ScanReport, basis: Basis, detected: dt.datetime
) -> Tracked:
    items = [item for item, _ in group]
    first = strongest(items).finding
    decision = _decision(items, basis.service)
    rationale, note = _accepted(group, decision, basis)
    aged = "" if rationale else _aged(decision, basis)
    provider = _class(basis)
    due = due_of(detected, _kev(items), decision, provider, basis.now, accepted=bool(rationale))
    severest = max(items, key=lambda item: item.finding.severity).finding
    return Tracked(
        tracking=tracking_id(report.subject, name),
        id=name,
        aliases=tuple(sorted({alias for item in items for alias in item.finding.aliases})),
        packages=tuple(sorted({item.finding.package for item in items})),
        description=_description(name, first.summary, items),
        severity=severest.severity,
        severity_source=severest.severity_source,
        fixed=tuple(sorted({each for item in items for each in item.finding.fixed})),
        detected=detected,
        given=tuple(inputs_of(items, report.observed)),
        proposal=proposal_of(items, report.observed, basis.rules, basis.service),
        decision=decision,
        due=due,
        state=State.ACCEPTED if rationale or aged else State.ACTIVE,
        rationale=rationale or aged,
        aged=bool(aged),
        note=note,
    )


def _class(basis: Basis) -> tuple[str, Clocks] | None:
    if basis.service is None:
        return None
    return basis.service.klass, basis.rules.classes[basis.service.klass]


def tracking_id(image: str, name: str) -> str:
    """Return an identifier that stays the same for later versions of an image."""
    return f"{repository_of(image) or image}:{name}"


def _description(name: str, summary: str, items: Sequence[Triaged]) -> str:
    there = sorted({f"{item.finding.name} {item.finding.version}" for item in items})
    text = f"{name} in {', '.join(there)}" + (f": {summary}" if summary else "")
    return text[:_LONGEST]


def _decision(items: Sequence[Triaged], service: Service | None) -> Decision | None:
    known = (service.decisions if service is not None else None) or {}
    names = {name.upper() for item in items for name in item.finding.identifiers}
    return next((known[name] for name in sorted(names) if name in known), None)


def _kev(items: Sequence[Triaged]) -> dt.date | None:
    for item in items:
        if item.finding.kev is not None and item.finding.kev.due:
            try:
                return dt.date.fromisoformat(item.finding.kev.due)
            except ValueError:
                return None
    return None


def _accepted(group: Sequence[_Found], decision: Decision | None, basis: Basis) -> tuple[str, str]:
    """Return the rationale of an accepted vulnerability, and what VEX says of another.

    An exception counts only if it covers all packages: the rest would be left out otherwise.
    """
    if decision is not None and decision.accepted:
        return decision.accepted, ""
    excused = [each for _, each in group if each is not None and each.by in basis.exceptions]
    if len(excused) == len(group):
        first = excused[0]
        until = f" (until {first.until})" if first.until else ""
        return f"{first.by}: {first.reason}{until}", ""
    stated = sorted({f"{each.by}: {each.reason}" for _, each in group if each is not None})
    note = f"for {len(stated)} of its packages: {'; '.join(stated)}" if stated else ""
    return "", note


def _aged(decision: Decision | None, basis: Basis) -> str:
    """Return the rationale of what is accepted because too much time has passed, or ""."""
    if decision is None or decision.evaluated is None or decision.disposition in SETTLED:
        return ""
    limit = basis.rules.accepted_after
    if basis.now <= decision.evaluated + limit:
        return ""
    return f"not remediated within {limit.days} days of its evaluation (VER-TFR-MAV)"


def _remediated(gone: Iterable[Gone], report: ScanReport) -> Iterator[Tracked]:
    """Yield those of earlier scans whose packages are gone or have another version now."""
    for each in gone:
        if not each.doubt:
            yield Tracked(
                tracking=tracking_id(report.subject, each.name),
                id=each.name,
                aliases=each.last.aliases,
                packages=tuple(sorted(each.last.packages)),
                description=each.last.description,
                severity=Severity.UNKNOWN,
                severity_source="",
                fixed=(),
                detected=min(each.detected, each.ended),
                given=(),
                proposal=_NOTHING,
                decision=None,
                due=Due(None, None, None, None, ""),
                state=State.REMEDIATED,
                ended=each.ended,
            )


def _notes(gone: Iterable[Gone], report: ScanReport, basis: Basis) -> Iterator[str]:
    for each in gone:
        if each.doubt:
            yield (
                f"{each.name} was found before and is not now, and {each.doubt}; it is not reported"
                " as remediated"
            )
    if basis.service is None:
        yield "no provider's file was given: class, evaluations and ratings are not known"
    if not basis.past:
        yield "no earlier scan is known: each vulnerability counts as detected by this scan"
    for gap in report.uncovered:
        yield f"{gap.packages} packages of {gap.what} were not compared: {gap.reason}"
    if report.observed is None:
        yield "no RBOM was given: whether vulnerable code runs is not known"
