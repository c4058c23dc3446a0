"""careen's own document of the evaluation: inputs, proposals, decisions and clocks, each apart."""

import datetime as dt
import json
from typing import Any

from careen.evidence.fedramp.reports import said
from careen.formats.json_document import clean
from careen.model.compliance.fedramp import Decision, Due, Proposal, Tracked, Tracking

FILE = "fedramp-evaluation.json"
FORMAT, VERSION = "careen.fedramp", 1

Json = dict[str, Any]


def evaluation_json(tracking: Tracking) -> bytes:
    """Return the document (docs/schema/fedramp-1.schema.json). What is not known is null."""
    rules, service = tracking.rules, tracking.service
    document = {
        "format": FORMAT,
        "version": VERSION,
        "image": clean(tracking.image),
        "digest": tracking.digest,
        "scanner": clean(tracking.scanner),
        "time": said(tracking.time),
        "rules": {
            "content": rules.content,
            "dated": rules.dated.isoformat(),
            "source": rules.source,
            "required": rules.required.isoformat(),
            "grace": rules.grace.isoformat(),
        },
        "class": None if service is None else service.klass,
        "internet": None if service is None else service.internet,
        "scans": [
            {"time": said(each.time), "digest": each.digest, "found": each.there}
            for each in tracking.past
        ],
        "notes": [clean(each) for each in tracking.notes],
        "vulnerabilities": [_item(each, tracking.time) for each in tracking.items],
    }
    return (json.dumps(document, indent=2) + "\n").encode()


def _item(item: Tracked, now: dt.datetime) -> Json:
    return {
        "tracking": clean(item.tracking),
        "id": item.id,
        "aliases": list(item.aliases),
        "packages": [clean(each) for each in item.packages],
        "description": clean(item.description),
        "state": item.state.value,
        "detected": said(item.detected),
        "ended": None if item.ended is None else said(item.ended),
        "age_days": ((item.ended or now) - item.detected).days,
        "severity": item.severity.word,
        "severity_source": item.severity_source or None,
        "fixed": list(item.fixed),
        "inputs": [
            {"name": each.name, "answer": clean(each.answer), "source": clean(each.source)}
            for each in item.given
        ],
        "proposed": _proposed(item.proposal),
        "decided": None if item.decision is None else _decided(item.decision),
        "clocks": _clocks(item.due),
        "rationale": clean(item.rationale) or None,
        "note": clean(item.note) or None,
    }


def _proposed(proposal: Proposal) -> Json:
    return {
        "rating": proposal.rating,
        "likely_exploitable": proposal.likely_exploitable,
        "internet_reachable": proposal.internet_reachable,
        "disposition": None if proposal.disposition is None else proposal.disposition.value,
        "reasons": [clean(each) for each in proposal.reasons],
    }


def _decided(decision: Decision) -> Json:
    return {
        "where": clean(decision.where),
        "evaluated": None if decision.evaluated is None else said(decision.evaluated),
        "rating": decision.rating,
        "likely_exploitable": decision.likely_exploitable,
        "internet_reachable": decision.internet_reachable,
        "disposition": None if decision.disposition is None else decision.disposition.value,
        "next_at": None if decision.next_at is None else said(decision.next_at),
        "next_rating": decision.next_rating,
    }


def _clocks(due: Due) -> Json:
    return {
        "evaluate_by": None if due.evaluate_by is None else said(due.evaluate_by),
        "reduce_by": None if due.reduce_by is None else said(due.reduce_by),
        "kev_by": None if due.kev_by is None else due.kev_by.isoformat(),
        "overdue": due.overdue,
        "explanation": clean(due.explanation) or None,
    }
