"""Saturation: whether the last tests still used new files."""

import math
from dataclasses import dataclass

from careen.adequacy.bound import upper_limit
from careen.adequacy.curve import Curve
from careen.model.adequacy import Part

MIN_STEPS = 5
_TITLE = "saturation"
MAX_MISSING = 50


@dataclass(frozen=True, slots=True)
class Saturation:
    """Coverage by saturation, and the bound that its share comes from (None: unknown).

    `most` is the share that so few steps would have if none had used a new file.
    """

    part: Part
    unseen: float | None
    most: float | None = None


def saturation(curve: Curve) -> Saturation:
    """Return the saturation of the later half of the steps, of at least five.

    The share is 1 less the upper limit of the probability that one more test of this kind uses a
    new file. `covered` counts the steps without a new file.
    """
    count = len(curve.steps)
    if curve.why or count < MIN_STEPS:
        told_apart = (
            count > 0 and not curve.why and (curve.unit == "request" or not curve.commands)
        )  # a command without known cases may be many tests
        most = 1 - upper_limit(0, count) if told_apart else None
        return Saturation(
            Part("saturation", _TITLE, None, None, None, why=curve.why or _too_few(curve, most)),
            None,
            most,
        )
    # New files become rarer from step to step, so the later half bounds the next step.
    late = curve.steps[-max(MIN_STEPS, math.ceil(count / 2)) :]
    finders = sorted((step for step in late if step.new_files), key=lambda step: -step.new_files)
    unseen = upper_limit(len(finders), len(late))
    missing = tuple(f"{step.name} ({step.new_files:,} new)" for step in finders[:MAX_MISSING])
    return Saturation(
        Part("saturation", _TITLE, 1 - unseen, len(late) - len(finders), len(late), missing), unseen
    )


def _too_few(curve: Curve, most: float | None) -> str:
    count = len(curve.steps)
    if not count:
        return "no test was run"
    if curve.commands == count and curve.unit == "test":
        return f"{_several(count, 'test command')} without known cases"
    shown = "" if most is None else f"; so few show {int(most * 100)} % at most"
    return f"only {_several(count, curve.unit)}, of at least {MIN_STEPS}{shown}"


def _several(count: int, what: str) -> str:
    return f"one {what}" if count == 1 else f"{count} {what}s"
