"""Which failures of experiments are there the second time, too: what happens once may be a slow machine, or a connection that broke off a moment too early."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from careen.model.behaviour import Deviation, Weight
from careen.model.exploration import Explored
from careen.verify.sides import PREFIX
from careen.verify.words import brief

MOST = 4  # experiments that are made twice; where more of them fail it is no chance
NOT_AGAIN = " (but not when it was tried again)"


def to_repeat(deviations: Iterable[Deviation], experiments: Sequence[Explored]) -> tuple[int, ...]:
    """Return which of the experiments (by their index) fail, in order; none where more than four do."""
    wheres = [deviation.where for deviation in deviations if deviation.weight is Weight.FAILURE]
    names = [_name(experiment) for experiment in experiments]
    found = tuple(i for i, name in enumerate(names) if any(_about(where, name) for where in wheres))
    return found if len(found) <= MOST else ()


def confirmed(first: Sequence[Deviation], second: Sequence[Deviation], repeated: Sequence[tuple[Explored, Explored]]) -> tuple[Deviation, ...]:
    """Return the deviations of the first time; a failure of a repeated experiment that was none the second time (another difference of the same try is one)
    becomes a warning that says so. Failures stay first.

    `repeated` are the runs that the second time compared, of the original and of the new image. Only what was tried again on both is taken back: nothing where
    the container did not get as far as the original's, nor a try that was not made. Where it was not ready the first time alone, the failures of the second
    time are the only ones that its tries were ever compared for, so they count.
    """
    again = {deviation.where for deviation in second if deviation.weight is Weight.FAILURE}
    taken_back: set[str] = set()
    news: list[Deviation] = []
    for original, after in repeated:
        name = _name(original)
        if (original.ready_seconds is None) != (after.ready_seconds is None):
            continue
        made = {f"{name}: {brief(answer.id)}" for answer in original.answers} & {f"{name}: {brief(answer.id)}" for answer in after.answers}
        taken_back |= ({*made, name} if bool(original.skipped) is bool(after.skipped) else made) - again
        if any(item.kind == "readiness" and item.where == name and item.weight is Weight.FAILURE for item in first):
            news += [item for item in second if item.weight is Weight.FAILURE and _about(item.where, name)]
    out = [
        replace(item, weight=Weight.WARNING, after=f"{item.after}{NOT_AGAIN}") if item.weight is Weight.FAILURE and item.where in taken_back else item
        for item in first
    ]
    return tuple(sorted((*out, *news), key=lambda item: item.weight is not Weight.FAILURE))


def _name(experiment: Explored) -> str:
    return f"{PREFIX}{experiment.experiment.removeprefix(PREFIX)}"


def _about(where: str, name: str) -> bool:
    return where == name or where.startswith((f"{name}: ", f"{name} ("))
