"""One entry of an allow-list, whatever the shape of its file."""

import datetime as dt
import re
from dataclasses import dataclass

from careen.errors import ConfigError
from careen.triage.ignore.scope import Scope

MAX_FILE = 4 << 20
MAX_RULES = 50_000
MAX_GLOB = 500  # characters; package names are shorter
MAX_STARS = 8  # in one glob; each further star multiplies the cost of matching
MAX_REASON = 500  # characters of a reason that is kept
UNEXPLAINED = "no reason given"
ANY = "*"
ABOUT_SECRET = "SECRET:"  # noqa: S105 — a word
"""How the identifier of an entry about secrets begins; the kind follows."""

GRACE = dt.timedelta(days=14)
"""How long before its day an entry is due, and how long it holds after a missed review."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_REVIEW = re.compile(r"\breview by (\d{4}-\d{2}-\d{2})\b")


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry.

    `identifier`: a CVE or alias in upper case, or `*`. `package`: a glob for the name or the purl,
    "" for all. `until`: the last day of validity. `where`: `file:line`. `place`: its number in the
    file, as its shape counts. `scope`: conditions of another tool's shape. `unread`: why careen
    cannot apply it, or "".
    """

    identifier: str
    package: str
    reason: str
    until: dt.date | None
    where: str
    review_by: dt.date | None = None
    place: int = 0
    scope: Scope | None = None
    unread: str = ""

    @property
    def end(self) -> dt.date | None:
        """The last day on which it applies: `until`, else two weeks after the review."""
        if self.until is None and self.review_by is not None:
            return min(self.review_by, dt.date.max - GRACE) + GRACE
        return self.until

    @property
    def what(self) -> str:
        """What it names, for messages."""
        scope = "" if self.scope is None else self.scope.words
        return " ".join(part for part in (self.identifier, self.package, scope) if part)


def refuse(where: str, why: str) -> ConfigError:
    """Return the error for an entry that cannot be read."""
    return ConfigError(f"{where}: {why}")


def day(text: str, word: str, where: str) -> dt.date:
    """Parse a day of an entry. Raises ConfigError."""
    try:
        if _DATE.match(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise refuse(where, f"{word}: expected a day that exists as YYYY-MM-DD, got {text[:80]!r}")


def check_days(review_by: dt.date | None, until: dt.date | None, where: str) -> None:
    """Raise ConfigError if an entry ends before it is to be reviewed."""
    if review_by is not None and until is not None and until < review_by:
        raise refuse(where, f"it ends on {until}, before its review_by {review_by}")


def check_glob(word: str, where: str) -> str:
    """Return a glob for packages. Raises ConfigError if it would take too long to match."""
    if len(word) > MAX_GLOB or word.count(ANY) > MAX_STARS:
        raise refuse(
            where,
            f"a glob has at most {MAX_GLOB} characters and {MAX_STARS} stars, got {word[:80]!r}",
        )
    return word


def review_in(reason: str) -> dt.date | None:
    """Return the day after `review by` in a reason, for shapes without a field for it."""
    found = _REVIEW.findall(reason)
    if not found:
        return None
    try:
        return dt.date.fromisoformat(found[-1])
    except ValueError:
        return None
