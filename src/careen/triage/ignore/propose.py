"""A new entry of an allow-list, with the evidence of triage as its reason."""

import datetime as dt
import re

from careen.errors import InputError
from careen.model.findings.questions import Answer
from careen.model.findings.triage import Triaged
from careen.triage.ignore.rule import MAX_REASON
from careen.triage.ignore.shape import NewEntry
from careen.triage.priority import MAY_RUN

REVIEW_AFTER = dt.timedelta(days=90)
"""When a new entry is to be reviewed, if the user names no day."""

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}\Z")
_LONGEST = MAX_REASON - 100  # some shapes add the day or the packages


def propose(item: Triaged, reason: str, review_by: dt.date, today: dt.date) -> NewEntry:
    """Return an entry for one finding; `reason` is the user's own, or "". Raises InputError."""
    finding = item.finding
    if not _IDENTIFIER.match(finding.id):
        msg = f"{finding.id[:80]!r} is not an identifier that a list can hold"
        raise InputError(msg)
    return NewEntry(
        finding.id,
        finding.aliases,
        finding.name,
        finding.package,
        _reason(item, reason, today),
        review_by,
    )


def unexcusable(item: Triaged) -> str:
    """Return why careen's evidence cannot be the reason of an exception, or "".

    It is so for what is known to be exploited and runs, or may run.
    """
    exploited = item.questions.exploited
    if exploited.answer is not Answer.YES or item.tier not in MAY_RUN:
        return ""
    return f"it is {item.tier_words} and known to be exploited ({exploited.source})"


def _reason(item: Triaged, given: str, today: dt.date) -> str:
    """Return the reason in one line of at most `_LONGEST` characters, the user's own first."""
    prefix = f"{item.priority.value}: "
    parts = [part for part in item.reasons if not part.startswith((prefix, "fixed in "))]
    evidence = ": ".join(filter(None, (item.tier_words, "; ".join(parts))))
    mark = f"careen, {today}"
    said, end = (f"{given} ({evidence}", f"; {mark})") if given else (evidence, f" ({mark})")
    text = " ".join("".join(char if char.isprintable() else " " for char in said).split())
    room = _LONGEST - len(end)
    return f"{text if len(text) <= room else f'{text[: room - 1].rstrip()}…'}{end}"
