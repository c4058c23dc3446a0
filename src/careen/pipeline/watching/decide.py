"""What is to be done about an image, by what has changed since the last good pass. Nothing is asked
or done here.
"""

import datetime as dt
from dataclasses import dataclass

from careen.pipeline.watching.inputs import Inputs
from careen.pipeline.watching.state import Failure, ImageState

FIRST_WAIT = 15 * 60
LONGEST_WAIT = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing that bears on it has changed."""


@dataclass(frozen=True, slots=True)
class Judge:
    """The advisories have changed, and nothing else: look at what is known now."""


@dataclass(frozen=True, slots=True)
class Harden:
    """Harden it again, for these reasons."""

    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Push:
    """The result is as it should be, and was not pushed yet."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Fixes were on offer nowhere: ask again, and harden again if one is now."""


Step = Rest | Judge | Harden | Push | Ask


def first_step(state: ImageState, inputs: Inputs, clock: float, *, there: bool, push: bool) -> Step:
    """Return what to do first. `there`: docker's store still has the result under its tag; where
    the result was pushed that does not matter.
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


def after_judging(state: ImageState, clock: float, *, push: bool) -> Push | Ask | Rest:
    """Return what is left to do once the verdict is known to ask for nothing."""
    if push and state.pushed != state.result:
        return Push()
    return Ask() if state.awaited is not None and 0 < state.awaited.until <= clock else Rest()


def must_wait(failure: Failure | None, inputs: Inputs, clock: float) -> bool:
    """Whether it failed with these very inputs, and is not to be tried again yet."""
    return failure is not None and failure.inputs == inputs.fingerprint and clock < failure.until


def failed_again(
    before: Failure | None, inputs: Inputs, error: tuple[int, str], clock: float
) -> Failure:
    """Return the failure to keep: 15 minutes until the next try, twice as long each time up to a
    day, from the start when the inputs are others.

    `error` is the exit status and the line.
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
