"""Which failures of experiments are there the second time, too: what happens once may be a slow machine, or a connection that broke off a moment too early."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from careen.model.behaviour import Deviation, Weight
from careen.model.exploration import Explored
from careen.verify.sides import PREFIX

MOST = 4  # experiments that are made twice; where more of them fail it is no chance
NOT_AGAIN = " (but not when it was tried again)"


def to_repeat(deviations: Iterable[Deviation], experiments: Sequence[Explored]) -> tuple[int, ...]:
    """Return which of the experiments (by their index) fail, in order; none where more than four do."""
    wheres = [deviation.where for deviation in deviations if deviation.weight is Weight.FAILURE]
    names = [_name(experiment) for experiment in experiments]
    found = tuple(i for i, name in enumerate(names) if any(_about(where, name) for where in wheres))
    return found if len(found) <= MOST else ()


def confirmed(first: Sequence[Deviation], second: Iterable[Deviation], repeated: Collection[Explored]) -> tuple[Deviation, ...]:
    """Return the deviations of the first time; a failure of a repeated experiment that was none the second time (another difference of the same try is one)
    becomes a warning that says so. Failures stay first.
    """
    names = [_name(experiment) for experiment in repeated]
    again = {deviation.where for deviation in second if deviation.weight is Weight.FAILURE}
    out = [
        replace(item, weight=Weight.WARNING, after=f"{item.after}{NOT_AGAIN}")
        if item.weight is Weight.FAILURE and item.where not in again and any(_about(item.where, name) for name in names)
        else item
        for item in first
    ]
    return tuple(sorted(out, key=lambda item: item.weight is not Weight.FAILURE))


def _name(experiment: Explored) -> str:
    return f"{PREFIX}{experiment.experiment.removeprefix(PREFIX)}"


def _about(where: str, name: str) -> bool:
    return where == name or where.startswith((f"{name}: ", f"{name} ("))
