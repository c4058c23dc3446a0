"""Decide what to do about an image from what changed since the last good pass.

Functions here do no I/O.
"""

from dataclasses import dataclass

from careen.pipeline.watching.inputs import Inputs
from careen.pipeline.watching.state import ImageState


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
