"""Decide what to do about an image from what changed since the last good pass.

Functions here do no I/O.
"""

import datetime as dt
from dataclasses import dataclass

from careen.pipeline.watching.inputs import Inputs
from careen.pipeline.watching.state import Failure, ImageState

FIRST_WAIT = 15 * 60
LONGEST_WAIT = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Unchanged:
    """No input has changed."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Only the advisories have changed: compare the findings."""


@dataclass(frozen=True, slots=True)
class Harden:
    """Harden again, for these reasons."""

    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Push:
    """The result is up to date, and was not pushed yet."""


@dataclass(frozen=True, slots=True)
class Ask:
    """No source offered the fixes: ask again, and harden if one does now."""


Step = Unchanged | Judge | Harden | Push | Ask


def first_step(state: ImageState, inputs: Inputs, clock: float, *, there: bool, push: bool) -> Step:
    """Return what to do first.

    `there` says whether docker's store still has the result under its tag; it does not matter for a
    pushed result.
    """
    if not state.result:
        return Harden(("not hardened yet",))
    reasons = (
        *(("upstream",) if state.upstream.digest != inputs.upstream else ()),
        *(("configuration",) if state.configuration != inputs.configuration else ()),
        *(("result is gone",) if not there and state.pushed != state.result else ()),
    )
    if reasons:
        return Harden(reasons)
    if state.database != inputs.judged_by:
        return Judge()
    return after_judging(state, clock, push=push)


def after_judging(state: ImageState, clock: float, *, push: bool) -> Push | Ask | Unchanged:
    """Return what is left to do if the verdict asks for nothing."""
    if push and state.pushed != state.result:
        return Push()
    return Ask() if state.awaited is not None and 0 < state.awaited.until <= clock else Unchanged()


def must_wait(failure: Failure | None, inputs: Inputs, clock: float) -> bool:
    """Return whether the same inputs failed before, and the next try is not due."""
    return failure is not None and failure.inputs == inputs.fingerprint and clock < failure.until


def failed_again(
    before: Failure | None, inputs: Inputs, error: tuple[int, str], clock: float
) -> Failure:
    """Return the failure to keep, with the time of the next try.

    The wait is 15 minutes and doubles each time up to a day; new inputs start again. `error` is the
    exit status and the message.
    """
    again = before if before is not None and before.inputs == inputs.fingerprint else None
    times = 1 if again is None else again.times + 1
    wait = min(FIRST_WAIT << min(times - 1, 16), LONGEST_WAIT)
    return Failure(
        inputs.fingerprint,
        error[0],
        error[1],
        times,
        rfc3339(clock) if again is None else again.since,
        int(clock) + wait,
    )


def rfc3339(clock: float) -> str:
    """Return seconds since 1970 as RFC 3339 in UTC, to the second."""
    return dt.datetime.fromtimestamp(clock, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
