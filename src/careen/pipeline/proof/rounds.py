"""Run what differed again, on both images at the same time, so under the same load."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from careen.explore.drives import killed
from careen.model.image import ImageConfig
from careen.model.runs.behaviour import Deviation, Weight
from careen.model.runs.engine import PreparedImage
from careen.model.runs.exploration import Explored
from careen.model.runs.workload import Workload
from careen.pipeline.profiling.experiment_run import Ground, run_experiment
from careen.pipeline.profiling.explore import PATIENCE, Exploration, Told, concurrency_for
from careen.pipeline.profiling.observe import Observation, Subject, observe_all
from careen.pipeline.run.session import Session
from careen.tools.concurrency import run_in_lanes
from careen.verify.behaviour import Behaviour
from careen.verify.repeated import base_id
from careen.verify.sides import PREFIX, Ran, Round, Side
from careen.verify.words import brief

ROUNDS = 3
AT_ONCE = 0.1  # seconds; without tests a service must be observed for a time
MOST_FAILING = 4  # experiments; more failures are not noise, so nothing is run again
MOST_ASKED = 20  # requests that are asked several times in each run
WORKLOAD_SECONDS = 180.0  # for all further runs of one workload with its tests, on each image


@dataclass(frozen=True, slots=True)
class Chosen:
    """What to run again: experiments and workloads by index.

    Experiments have the requests to make several times. `starts` are workloads, `started`
    experiments that are only started.
    """

    experiments: Mapping[int, frozenset[str]]
    workloads: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()
    started: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.experiments or self.workloads or self.starts)


@dataclass(frozen=True, slots=True)
class Ready:
    """Both images, prepared for the engine, and their configurations."""

    original: PreparedImage
    hardened: PreparedImage
    original_config: ImageConfig
    hardened_config: ImageConfig


def choose(
    found: Behaviour,
    observations: Sequence[Observation],
    exploration: Exploration | None,
    number: int,
) -> Chosen:
    """Return what round `number` (from 1) runs again: what is doubtful.

    Nothing if more than MOST_FAILING experiments fail.
    """
    experiments: dict[int, frozenset[str]] = {}
    started: set[int] = set()
    failing = 0
    for index, experiment in enumerate(exploration.original if exploration is not None else ()):
        where = f"{PREFIX}{experiment.experiment.removeprefix(PREFIX)}"
        about = [item for item in found.deviations if _about(item, where)]
        failing += any(item.weight is Weight.FAILURE for item in about)
        if where in found.doubtful:
            told = {item.where.removeprefix(f"{where}: ") for item in about[:MOST_ASKED]}
            # a deviation has the id cut short
            asked = [each.id for each in experiment.answers if brief(each.id) in told]
            experiments[index] = frozenset(map(base_id, (*told, *asked)))
            if where in found.starts:
                started.add(index)
    if failing > MOST_FAILING:
        return Chosen({})
    whole, starts = _workloads(found, observations, number)
    return Chosen(experiments, whole, starts, frozenset(started))


def _workloads(
    found: Behaviour, observations: Sequence[Observation], number: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    whole: list[int] = []
    starts: list[int] = []
    for index, seen in enumerate(observations):
        name = seen.workload.name
        kinds = {item.kind for item in found.deviations if _about(item, name)}
        if name not in found.doubtful or "case" in kinds or "readiness" in kinds:
            continue
        if name in found.starts:
            starts.append(index)
        elif number * seen.result.seconds <= WORKLOAD_SECONDS:
            whole.append(index)
    return tuple(whole), tuple(starts)


def _about(item: Deviation, where: str) -> bool:
    return item.where == where or item.where.startswith((f"{where}: ", f"{where} ("))


def run_round(
    chosen: Chosen,
    observations: Sequence[Observation],
    exploration: Exploration | None,
    ready: Ready,
    number: int,
    session: Session,
) -> Round:
    """Run the chosen experiments and workloads again on both images.

    Experiments run at the same time on both, as far as the machine allows. Answers are awaited
    longer in each round. Raises ToolError if the engine or the sensor fails.
    """
    session.say(f"running again on both images what differs ({number} of at most {ROUNDS})")
    before, after = (
        _experiments(chosen, exploration, ready, number, session)
        if exploration is not None
        else ((), ())
    )
    started = [only_started(observations[index].workload) for index in chosen.starts]
    workloads = [*(observations[index].workload for index in chosen.workloads), *started]
    both = [_workload_on_both(workload, ready, session) for workload in workloads]
    names = {workload.name for workload in started}
    if exploration is not None:
        names |= {f"{PREFIX}{exploration.experiments[index].id}" for index in chosen.started}
    return Round(
        Side(tuple(one for one, _ in both), before),
        Side(tuple(two for _, two in both), after),
        frozenset(names),
    )


def only_started(workload: Workload) -> Workload:
    """Return a workload that ends as soon as it is ready."""
    return replace(workload, tests=(), held_out=(), observe=AT_ONCE)


def _workload_on_both(workload: Workload, ready: Ready, session: Session) -> tuple[Ran, Ran]:
    subjects = (
        Subject(ready.original, ready.original_config, None),
        Subject(ready.hardened, ready.hardened_config, None),
    )
    one, two = (
        observe_all(subject, (workload,), session.engine, session)[0] for subject in subjects
    )
    return Ran(one.result, one.trace, one.others), Ran(two.result, two.trace, two.others)


_Explored = tuple[tuple[Explored, ...], tuple[Explored, ...]]


def _experiments(
    chosen: Chosen, exploration: Exploration, ready: Ready, number: int, session: Session
) -> _Explored:
    patience = PATIENCE * number
    grounds = (
        Ground(ready.original, ready.original_config, None, patience),
        Ground(ready.hardened, ready.hardened_config, None, patience),
    )

    def work(index: int, ground: Ground) -> Callable[[Told], Explored]:
        suited = (
            ground
            if exploration.original[index].ready_seconds is not None
            else replace(ground, patience=1.0)
        )
        experiment = exploration.experiments[index]
        return lambda told: run_experiment(
            replace(experiment, drive=killed) if index in chosen.started else experiment,
            replace(suited, again=chosen.experiments[index], on_container=told),
            session,
        )

    experiments = [exploration.experiments[index] for index in chosen.experiments]
    lanes = concurrency_for(
        [each.memory_peak for each in exploration.original],
        [each.workload for each in experiments],
        session,
    )
    order = sorted(chosen.experiments, key=lambda index: -exploration.original[index].seconds)
    results = run_in_lanes([work(index, ground) for index in order for ground in grounds], lanes)
    done = dict(zip(((index, side) for index in order for side in (0, 1)), results, strict=True))
    return tuple(done[index, 0] for index in chosen.experiments), tuple(
        done[index, 1] for index in chosen.experiments
    )
