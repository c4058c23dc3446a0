"""How long a failure waits for its next try, and how a state file keeps it."""

import datetime as dt
from typing import Any

from careen.formats.json_document import Strict
from careen.model.failure import Failure

FIRST_WAIT = 15 * 60
LONGEST_WAIT = 24 * 60 * 60
_KEYS = ("inputs", "sentence", "since", "status", "times", "until")


def must_wait(failure: Failure | None, inputs: str, clock: float) -> bool:
    """Return whether the same inputs failed before, and the next try is not due."""
    return failure is not None and failure.inputs == inputs and clock < failure.until


def failed_again(
    before: Failure | None, inputs: str, error: tuple[int, str], clock: float
) -> Failure:
    """Return the failure to keep, with the time of the next try.

    The wait is 15 minutes and doubles each time up to a day; new inputs start again. `inputs` is
    their fingerprint, `error` the exit status and the message.
    """
    again = before if before is not None and before.inputs == inputs else None
    times = 1 if again is None else again.times + 1
    wait = min(FIRST_WAIT << min(times - 1, 16), LONGEST_WAIT)
    since = rfc3339(clock) if again is None else again.since
    return Failure(inputs, error[0], error[1], times, since, int(clock) + wait)


def failure_row(failure: Failure | None) -> dict[str, Any] | None:
    """Return a failure as it stands in a state file."""
    return None if failure is None else {key: getattr(failure, key) for key in _KEYS}


def read_failure(value: Any, place: str, read: Strict) -> Failure | None:
    """Return the failure of a state file. Raises the reader's error, with the place."""
    if value is None:
        return None
    row = read.members(value, place, set(_KEYS))
    return Failure(
        read.text(row["inputs"], place, "inputs"),
        read.count(row["status"], place, "status"),
        read.text(row["sentence"], place, "sentence"),
        read.count(row["times"], place, "times"),
        read.text(row["since"], place, "since"),
        read.count(row["until"], place, "until"),
    )


def rfc3339(clock: float) -> str:
    """Return seconds since 1970 as RFC 3339 in UTC, to the second."""
    return dt.datetime.fromtimestamp(clock, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
