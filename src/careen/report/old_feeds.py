"""Warning about outdated advisories."""

from collections.abc import Iterable
from datetime import date

from careen.model.findings.advisory import STALE_DAYS, Feed
from careen.report.terminal_output.figures import counted

_MOST_NAMES = 3


def days_between(earlier: str, later: str) -> int | None:
    """Return the days between two dates (RFC 3339 or YYYY-MM-DD), None if one is invalid."""
    try:
        return (date.fromisoformat(later[:10]) - date.fromisoformat(earlier[:10])).days
    except ValueError:
        return None


def age_of(dates: Iterable[str], today: str) -> int | None:
    """Return the days since the oldest of the dates; None if none can be read."""
    ages = [days for each in dates if (days := days_between(each, today)) is not None]
    return max(ages, default=None)


def old_feeds(feeds: Iterable[Feed], created: str) -> str:
    """Return one line about feeds older than `STALE_DAYS` on the day `created`, oldest first.

    Returns "" if there are none. A feed without a date is dated by its import.
    """
    ages = ((days_between(feed.date or feed.imported, created), feed.name) for feed in feeds)
    old = sorted((-days, name) for days, name in ages if days is not None and days > STALE_DAYS)
    if not old:
        return ""
    named = ", ".join(f"{name} ({counted(-days, 'day')})" for days, name in old[:_MOST_NAMES])
    more = f" and {len(old) - _MOST_NAMES:,} more" if len(old) > _MOST_NAMES else ""
    verb = "is" if len(old) == 1 else "are"
    return (
        f"OLD: {counted(len(old), 'feed')} {verb} older than {STALE_DAYS} days: {named}{more};"
        " newer advisories are missing: run `careen db update`"
    )
