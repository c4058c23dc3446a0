"""FedRAMP's three vulnerability reports, by the schemas of 2026-06-24.

A field that only the provider can decide is written if the provider decided it, and left out
otherwise; what careen proposes stands in words in the supplementary information.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from typing import Any

from careen.formats.json_document import clean
from careen.model.compliance.fedramp import Decision, Disposition, State, Tracked, Tracking

DETAILS = "fedramp-vulnerability-detail-report.json"
ACCEPTED = "fedramp-accepted-vulnerability-info.json"
HISTORY = "fedramp-historical-ver-activity.json"
_PROPOSED = "Proposed by careen, not confirmed by the provider: "


def details_json(tracking: Tracking) -> bytes:
    """Return the vulnerability detail report (VER-RPT-VDT): active ones, and those that ended."""
    ended = (
        each
        for each in tracking.of(State.REMEDIATED)
        if each.ended is not None and each.ended >= tracking.begins
    )
    return _json(
        tracking,
        reportPeriod=_period(tracking),
        vulnerabilities=_all((*tracking.of(State.ACTIVE), *ended), tracking),
    )


def accepted_json(tracking: Tracking) -> bytes:
    """Return the accepted vulnerability information (VER-RPT-AVI)."""
    return _json(
        tracking,
        reportPeriod=_period(tracking),
        acceptedVulnerabilities=list(_accepted(tracking)),
    )


def history_json(tracking: Tracking) -> bytes:
    """Return the historical activity (VER-TFR-MRH): everything that any scan saw."""
    return _json(
        tracking,
        generatedAt=said(tracking.time),
        activeVulnerabilities=_all(
            (*tracking.of(State.ACTIVE), *tracking.of(State.REMEDIATED)), tracking
        ),
        acceptedVulnerabilities=list(_accepted(tracking)),
    )


def _json(tracking: Tracking, **members: Any) -> bytes:
    if tracking.service is None:
        msg = "FedRAMP's reports name the provider's package, and no provider's file was given"
        raise AssertionError(msg)
    document = {"certificationPackageOverviewUri": tracking.service.overview, **members}
    return (json.dumps(document, indent=2) + "\n").encode()


def _period(tracking: Tracking) -> dict[str, str]:
    return {"from": said(tracking.begins), "to": said(tracking.time)}


def _all(items: Iterable[Tracked], tracking: Tracking) -> list[dict[str, Any]]:
    return [_detail(each, tracking) for each in items]


def _accepted(tracking: Tracking) -> Iterator[dict[str, Any]]:
    for each in tracking.of(State.ACCEPTED):
        yield {
            "vulnerabilityDetail": _detail(each, tracking),
            "acceptanceRationale": clean(each.rationale),
        }


def _detail(item: Tracked, tracking: Tracking) -> dict[str, Any]:
    out: dict[str, Any] = {
        "providerTrackingId": clean(item.tracking),
        "detection": {
            "detectedAt": said(item.detected),
            "detectionSource": clean(tracking.scanner),
        },
        "vulnerabilityDescription": clean(item.description),
    }
    if item.decision is not None:
        out |= _decided(item.decision)
    if item.due.overdue is not None:
        out["overdueStatus"] = {"isOverdue": item.due.overdue} | (
            {"explanation": clean(item.due.explanation)} if item.due.overdue else {}
        )
    out["supplementaryRiskInformation"] = clean(" ".join(_supplement(item, tracking)))
    if item.state is State.REMEDIATED:
        # The schema has no word for what is no longer there; the supplement says so.
        out["finalDisposition"] = Disposition.FULLY_MITIGATED.value
    return out


def _decided(decided: Decision) -> dict[str, Any]:
    ending = decided.disposition
    found = {
        "potentialAgencyImpact": clean(decided.impact) or None,
        "evaluationCompletedAt": said(decided.evaluated) if decided.evaluated else None,
        "isInternetReachable": decided.internet_reachable,
        "isLikelyExploitable": decided.likely_exploitable,
        "currentRating": decided.rating,
        "projectedNextReduction": None
        if decided.next_at is None
        else {"estimatedAt": said(decided.next_at), "targetRating": decided.next_rating},
        "finalDisposition": None if ending is None else ending.value,
    }
    return {key: value for key, value in found.items() if value is not None}


def _supplement(item: Tracked, tracking: Tracking) -> Iterator[str]:
    """Yield sentences: inputs with their sources, proposals, and what was said of it."""
    if item.state is State.REMEDIATED and item.ended is not None:
        yield (
            f"Remediated: the scan of {said(item.ended)} no longer detects it, and its package is"
            " gone or has another version."
        )
    yield f"Image {tracking.image} ({tracking.digest})."
    if item.aliases:
        yield f"Also known as {', '.join(item.aliases)}."
    if item.packages:
        yield f"Packages: {', '.join(item.packages)}."
    for given in item.given:
        yield f"{given.name}: {given.answer} ({given.source})."
    if proposed := ", ".join(proposals(item)):
        yield f"{_PROPOSED}{proposed}."
    for each in item.proposal.reasons:
        yield f"{each[:1].upper()}{each[1:]}."
    if item.note:
        yield f"VEX statements: {item.note}."
    if item.decision is not None and item.decision.note:
        yield item.decision.note


def proposals(item: Tracked) -> Iterator[str]:
    """Yield what careen proposes and the provider has not decided."""
    decided, proposed = item.decision or Decision(item.id, ""), item.proposal
    if decided.rating is None and proposed.rating is not None:
        yield f"rating N{proposed.rating}"
    if decided.likely_exploitable is None and proposed.likely_exploitable is not None:
        yield f"{'' if proposed.likely_exploitable else 'not '}likely exploitable"
    if decided.internet_reachable is None and proposed.internet_reachable is not None:
        yield f"{'' if proposed.internet_reachable else 'not '}internet-reachable"
    if decided.disposition is None and proposed.disposition is not None:
        yield f"disposition {proposed.disposition.value}"


def said(time: dt.datetime) -> str:
    """Return a time as RFC 3339 in UTC."""
    return time.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
