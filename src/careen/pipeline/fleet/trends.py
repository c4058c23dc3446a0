"""Trends of the fleet: how old open findings are, and how long fixes took."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from careen.errors import InputError
from careen.fleet.ask.trends import days_between, spans
from careen.fleet.store.history import History, State
from careen.fleet.store.place import opened
from careen.model.findings.advisory import Severity
from careen.model.fleet.question import Unknown
from careen.model.fleet.trends import AgeRow, FixRow, ImageTrend, Outcome, Span, Trends

NO_SCAN = "no scan of it is known: only a scan of careen, or attested findings, say what it has"
NO_HISTORY = "it has no history: no name of it is known, or an older careen loaded it"
_BLIND = "what the name leads to now was not scanned"
_EXAMPLES = 3
_SEVERITIES = tuple(each.word for each in reversed(Severity))


@dataclass(frozen=True, slots=True)
class Period:
    """What is counted: fixes from `since` on, all up to `until` (RFC 3339, UTC; "" is open).

    `globs` are names of images, none for all. A name whose last scan is more than `max_age` days
    before the end is not known.
    """

    since: str
    until: str
    globs: tuple[str, ...] = ()
    max_age: int | None = None

    @classmethod
    def of(
        cls, since: dt.date | None, until: dt.date | None, globs: tuple[str, ...], age: int | None
    ) -> "Period":
        """Return a period of whole days; it ends now without a last day."""
        now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        start = "" if since is None else f"{since.isoformat()}T00:00:00Z"
        end = now if until is None else min(f"{until.isoformat()}T23:59:59Z", now)
        if start > end:
            msg = f"--since {since} is after the end of the period, {end[:10]}"
            raise InputError(msg)
        return cls(start, end, globs, age)


@dataclass(slots=True)
class _Counts:
    """What is counted of all images. Days are counted, not kept: there may be millions."""

    ages: dict[str, Counter[int]] = field(default_factory=dict)
    fixes: dict[str, Counter[int]] = field(default_factory=dict)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    rows: list[ImageTrend] = field(default_factory=list)
    unknown: dict[str, list[str]] = field(default_factory=dict)


def trends(place: str, period: Period) -> Trends:
    """Return the trends of a store.

    Raises StoreError, or InputError if no name matches.
    """
    with opened(place, write=False) as database, database.reading():
        history = History(database)
        counts = _Counts()
        names, without = _names(history, period)
        for name in names:
            _count(name, history, period, counts)
        if without:
            counts.unknown[NO_HISTORY] = without
        return Trends(
            database.name,
            period.since,
            period.until,
            len(counts.rows) + len(without),
            tuple(_ages(counts)),
            tuple(_fixes(counts)),
            tuple(sorted(counts.rows, key=lambda row: (-(row.oldest or 0), row.image))),
            counts.outcomes[Outcome.WITHDRAWN],
            counts.outcomes[Outcome.NOT_KNOWN],
            tuple(
                Unknown(why, len(names), tuple(names[:_EXAMPLES]))
                for why, names in sorted(counts.unknown.items())
            ),
        )


def each_span(place: str, period: Period, put: Callable[[Sequence[Span]], None]) -> None:
    """Give the findings of all images to `put`, an image at a time."""
    with opened(place, write=False) as database, database.reading():
        history = History(database)
        for name in _names(history, period)[0]:
            states, found = _spans(name, history, period)
            unknown = bool(states) and bool(_why_unknown(states, period))
            put([_as_known(each, unknown=unknown) for each in found if _is_in(each, period)])


def _as_known(span: Span, *, unknown: bool) -> Span:
    """Return a finding; of an image that is not known, nothing is open."""
    open_ = span.outcome is Outcome.OPEN
    return replace(span, outcome=Outcome.NOT_KNOWN) if unknown and open_ else span


def _names(history: History, period: Period) -> tuple[list[str], list[str]]:
    """Return the names with a history, and the images without one."""
    names, without = history.names(), history.without()
    if not period.globs:
        return names, without
    found = [
        [name for name in each if any(fnmatchcase(name, glob) for glob in period.globs)]
        for each in (names, without)
    ]
    if not any(found):
        msg = f"{period.globs[0]!r}: no image has such a name"
        raise InputError(msg)
    return found[0], found[1]


def _spans(name: str, history: History, period: Period) -> tuple[list[State], list[Span]]:
    states = list(history.states(name, period.until))
    return states, list(spans(name, states, period.until, history.still_there))


def _is_in(span: Span, period: Period) -> bool:
    return span.outcome is Outcome.OPEN or not span.ended or span.ended >= period.since


def _count(name: str, history: History, period: Period, counts: _Counts) -> None:
    states, found = _spans(name, history, period)
    if not states:
        return
    why = _why_unknown(states, period)
    if why:
        counts.unknown.setdefault(why, []).append(name)
    open_ = [each for each in found if each.outcome is Outcome.OPEN]
    ended = [each for each in found if each.outcome is not Outcome.OPEN and _is_in(each, period)]
    fixed = Counter(each.days for each in ended if each.outcome is Outcome.FIXED)
    for each in ended:
        counts.outcomes[each.outcome] += 1
        if each.outcome is Outcome.FIXED:
            counts.fixes.setdefault(each.severity, Counter())[each.days] += 1
    if not why:
        for each in open_:
            counts.ages.setdefault(each.severity, Counter())[each.days] += 1
    last = states[-1]
    outcomes = Counter(each.outcome for each in ended)
    counts.rows.append(
        ImageTrend(
            name,
            last.digest,
            states[0].at,
            last.until,
            len(states),
            None if why else len(open_),
            None if why else max((each.days for each in open_), default=0),
            fixed.total(),
            _share(fixed, 50) if fixed else None,
            outcomes[Outcome.WITHDRAWN],
            outcomes[Outcome.NOT_KNOWN],
        )
    )


def _why_unknown(states: Sequence[State], period: Period) -> str:
    """Return why the open findings of a name are not known, "" if they are."""
    if all(state.findings is None for state in states):
        return NO_SCAN
    if states[-1].findings is None:
        return _BLIND
    scanned = states[-1].newest
    if period.max_age is not None and days_between(scanned, period.until) > period.max_age:
        return f"its last scan is more than {period.max_age} days older"
    return ""


def _ages(counts: _Counts) -> Iterator[AgeRow]:
    for severity in _SEVERITIES:
        if days := counts.ages.get(severity):
            parts = [_within(days, limit) for limit in (30, 90, 180)]
            yield AgeRow(
                severity,
                parts[0],
                parts[1] - parts[0],
                parts[2] - parts[1],
                days.total() - parts[2],
                max(days),
            )


def _fixes(counts: _Counts) -> Iterator[FixRow]:
    for severity in _SEVERITIES:
        if days := counts.fixes.get(severity):
            yield FixRow(
                severity,
                days.total(),
                _share(days, 50),
                _share(days, 90),
                max(days),
                *(_within(days, limit) for limit in (30, 90, 180)),
            )


def _within(days: Counter[int], limit: int) -> int:
    return sum(count for day, count in days.items() if day <= limit)


def _share(days: Counter[int], percent: int) -> int:
    """Return the least number of days within which so many per cent lie (nearest rank)."""
    wanted = -(-days.total() * percent // 100)
    seen = 0
    for day in sorted(days):
        seen += days[day]
        if seen >= wanted:
            return day
    return 0
