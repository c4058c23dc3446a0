"""Findings of one image over time, from what its name led to at each load."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from careen.fleet.store.history import State
from careen.fleet.store.states import Row, without_version
from careen.model.fleet.trends import Outcome, Span
from careen.model.rfc3339 import parse_time

StillThere = Callable[[str, Sequence[str]], Mapping[str, bool]]
_Key = tuple[str, str]


@dataclass(slots=True)
class _Finding:
    """A finding that is open; `purls` are the packages that have it."""

    found: str
    seen: str
    severity: str
    tier: str
    purls: list[str] = field(default_factory=list)


def spans(
    name: str, states: Iterable[State], until: str, still_there: StillThere
) -> Iterator[Span]:
    """Yield the findings of a name by its states up to a time, in the order in which they ended.

    States without a scan say nothing. `still_there` tells of packages
    whether an image has them, as far as it is known.
    """
    open_: dict[_Key, _Finding] = {}
    ended: dict[_Key, str] = {}
    last: State | None = None
    blind = False
    for state in states:
        blind = state.findings is None
        if state.findings is None:
            continue
        there = _keyed(state.findings)
        for span in _ended(name, open_, there, (last, state), still_there):
            ended[span.advisory, span.package] = span.ended
            yield span
        for key, rows in there.items():
            # One that comes back is new, however old the scan is.
            found = max(state.scanned, ended.get(key, ""))
            known = open_.setdefault(key, _Finding(found, "", "", ""))
            known.seen = state.newest
            _, _, known.severity, known.tier = rows[0]
            known.purls = [row[1] for row in rows]
        last = state
    for key, each in open_.items():
        outcome = Outcome.NOT_KNOWN if blind else Outcome.OPEN
        yield _span((name, *key), each, ("", until), outcome)


def _keyed(findings: Iterable[Row]) -> dict[_Key, list[Row]]:
    out: dict[_Key, list[Row]] = {}
    for row in findings:
        out.setdefault((row[0], without_version(row[1])), []).append(row)
    return out


def _ended(
    name: str,
    open_: dict[_Key, _Finding],
    there: Collection[_Key],
    step: tuple[State | None, State],
    still_there: StillThere,
) -> Iterator[Span]:
    """Yield and forget the findings that a scan no longer has."""
    before, state = step
    gone = [key for key in open_ if key not in there]
    if not gone:
        return
    same = before is not None and before.digest == state.digest
    purls = sorted({purl for key in gone for purl in open_[key].purls})
    there_now = dict.fromkeys(purls, True) if same else still_there(state.digest, purls)
    for key in gone:
        each = open_.pop(key)
        kept = [there_now.get(purl) for purl in each.purls]
        if True in kept:
            outcome = Outcome.WITHDRAWN  # nobody fixed what is as it was: the advisories changed
        else:
            outcome = Outcome.NOT_KNOWN if None in kept else Outcome.FIXED
        yield _span((name, *key), each, (state.at, state.at), outcome)


def _span(
    what: tuple[str, str, str], each: _Finding, end: tuple[str, str], outcome: Outcome
) -> Span:
    """Return a finding; `end` is when it ended ("" if not), and until when days are counted."""
    return Span(
        *what,
        each.severity or "unknown",
        each.tier,
        each.found,
        each.seen,
        end[0],
        days_between(each.found, end[1]),
        outcome,
    )


def days_between(start: str, end: str) -> int:
    """Return the whole days between two times (RFC 3339)."""
    first, last = parse_time(start), parse_time(end)
    if first is None or last is None:
        return 0
    return max((last - first) // dt.timedelta(days=1), 0)
