"""Ages of feeds, and which feeds are stale."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from careen.model.findings.advisory import STALE_DAYS, Feed


@dataclass(frozen=True, slots=True)
class Age:
    """A feed's age in whole days.

    `known`: computed from the feed's own date. Otherwise from the import date, which is a lower
    bound.
    """

    feed: Feed
    days: int
    known: bool


def age_of(feed: Feed, now: dt.datetime) -> Age:
    """Return a feed's age at `now`, in UTC."""
    known = _day(feed.date)
    day = known or _day(feed.imported) or now.date()
    return Age(feed, max(0, (now.date() - day).days), known is not None)


def stale(feeds: Iterable[Feed], now: dt.datetime, days: int = STALE_DAYS) -> tuple[Age, ...]:
    """Return the feeds that are older than `days`, oldest first."""
    ages = [age for feed in feeds if (age := age_of(feed, now)).days > days]
    return tuple(sorted(ages, key=lambda age: (-age.days, age.feed.name)))


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
