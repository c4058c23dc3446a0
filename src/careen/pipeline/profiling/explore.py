"""Explore what the tests did not reach, on throwaway containers, and record what it needs."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from careen.explore.design import (
    Subject,
    command_experiments,
    first_experiments,
    other_experiments,
    subject,
)
from careen.explore.experiment import Experiment
from careen.explore.imports import Sweep, import_experiment, plan_sweep, repeated
from careen.formats.openapi import Operation
from careen.model.image import ImageConfig
from careen.model.rbom import Run, RunKind, RuntimeBom
from careen.model.runs.engine import Container, PreparedImage
from careen.model.runs.exploration import Effort, Explored
from careen.model.runs.trace import SensorInfo, Trace, Use
from careen.model.runs.workload import Workload
from careen.pipeline.profiling.experiment_run import Ground, run_experiment
from careen.pipeline.profiling.observe import Observation
from careen.pipeline.profiling.profile import Profile
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined
from careen.rbom.attribute import attribute
from careen.rbom.content import ContentHashes
from careen.rbom.merge import merge
from careen.tools.concurrency import room, run_in_lanes
from careen.tools.pace import slowness
from careen.workload.composed import config_in

ORIGIN = "explore:"
PATIENCE = 3.0
AGAIN = 2
MAX_CONCURRENT = 3
"""Number of experiments at once: requests, imports, commands and other conditions."""


_USED = frozenset({Use.EXECUTED, Use.MAPPED, Use.OPENED})
_Made = tuple[Experiment, Explored]
Told = Callable[[Container], None]


@dataclass(frozen=True, slots=True)
class Exploration:
    """The experiments to repeat and their results on the original image, in the same order.

    `operations` are those of the service's own OpenAPI document; None if it has none or was not
    asked. `once` are the results of experiments that are not repeated.
    """

    experiments: tuple[Experiment, ...]
    original: tuple[Explored, ...]
    operations: tuple[Operation, ...] | None = None
    once: tuple[Explored, ...] = ()

    @property
    def results(self) -> tuple[Explored, ...]:
        """All results on the original image."""
        return (*self.original, *self.once)


@dataclass(frozen=True, slots=True)
class First:
    """What is done before experiments are repeated, and how much memory it takes.

    `work` may call its argument once nothing else can fail the experiments, and do the rest beside
    them.
    """

    work: Callable[[Callable[[], None]], None] | None = None
    memory_peaks: tuple[int | None, ...] = ()


NOTHING_FIRST = First()


def explore_original(
    examined: Examined,
    prepared: PreparedImage,
    seen: Sequence[Observation] | Profile,
    effort: Effort,
    log_directory: Path | None,
    session: Session,
) -> Exploration:
    """Design experiments from the image and its workloads, and run each on the original.

    All run under the sensor. An experiment that does not become ready is a result, and its
    substitutes are run, too. `Effort.OFF` explores nothing. With a profile, modules that the
    workloads could import are imported. Raises ToolError if the engine or the sensor fails.
    """
    if effort is Effort.OFF:
        return Exploration((), ())
    observations, bom = (seen.observations, seen.bom) if isinstance(seen, Profile) else (seen, None)
    subjects = tuple(_subjects(observations, examined.image.config, effort))
    ground = Ground(prepared, examined.image.config, log_directory)

    def asked(told: Told) -> list[list[_Made]]:
        try:
            return [
                _asked(each, observation, replace(ground, on_container=told), session)
                for each, observation in subjects
            ]
        finally:
            for each, _ in subjects:
                each.survey.settled.set()  # in any case, or the other lanes wait forever

    def others(told: Told) -> list[list[_Made]]:
        if effort is not Effort.SAFE:
            return [[] for _ in subjects]
        return [
            list(_run(other_experiments(each, None), replace(ground, on_container=told), session))
            for each, _ in subjects
        ]

    def imports(told: Told) -> list[list[_Made]]:
        if (wanted := planned.result()) is None:
            return [[]]
        within = replace(ground, on_container=told)
        return [list(_swept(wanted, subjects[0][0], within, session))]

    def commands(told: Told) -> list[list[_Made]]:
        return [
            list(_run(command_experiments(each), replace(ground, on_container=told), session))
            for each, _ in subjects
        ]

    lanes = concurrency_for(
        [observation.result.memory_peak for _, observation in subjects],
        [each.workload for each, _ in subjects],
        session,
    )
    # What to import is read while the first containers start. Imports come last: they use two
    # processors to their end, and a command that serves would use one.
    with ThreadPoolExecutor(max_workers=1) as aside:
        planned = aside.submit(_sweep, examined, bom if subjects else None, effort)
        first, rest, helped, (swept,) = run_in_lanes((asked, others, commands, imports), lanes)
    made = [
        *(
            pair
            for parts in zip(first, rest, helped, strict=True)
            for part in parts
            for pair in part
        ),
        *swept,
    ]  # the order does not depend on the number of lanes
    for each, _ in subjects:
        if each.survey.untried:
            session.progress.note(
                f"exploration: {each.prefix}requests: {each.survey.untried} requests were not made,"
                f" as the others had taken {each.survey.total:g} s already"
            )
        if each.survey.cut:
            session.progress.note(
                f"exploration: {each.prefix}requests: the service's OpenAPI document has more"
                " requests than could be made in the limits of time and space"
            )
    documents = [
        each.survey.operations for each, _ in subjects if each.survey.operations is not None
    ]
    operations = (
        tuple(dict.fromkeys(operation for document in documents for operation in document))
        if documents
        else None
    )
    for _, result in made:
        if result.waited is not None:
            session.progress.note(
                f"exploration: {result.experiment}: the service runs and is not ready after"
                f" {result.waited:.0f} s, so nothing was asked of it: {result.title}"
            )
    # What a command that serves shows is a plain start, which `requests` repeats.
    to_repeat = [pair for pair in made if not pair[1].served]
    return Exploration(
        tuple(experiment for experiment, _ in to_repeat),
        tuple(result for _, result in to_repeat),
        operations,
        tuple(result for _, result in made if result.served),
    )


def _run(designed: Iterable[Experiment], ground: Ground, session: Session) -> Iterator[_Made]:
    """Run experiments in turn; after each, its follow-ups or its substitutes."""
    for experiment in designed:
        result = _watched_to_the_end(experiment, ground, session)
        yield experiment, result
        yield from _run(
            experiment.then if result.ready_seconds is not None else experiment.instead,
            ground,
            session,
        )


def _watched_to_the_end(experiment: Experiment, ground: Ground, session: Session) -> Explored:
    """Run an experiment, and repeat it if the sensor lost events."""
    result = run_experiment(experiment, ground, session)
    # Events are lost on a busy machine; nothing is kept because of an incomplete trace.
    for _ in range(AGAIN):
        if result.trace is None or result.trace.sensor.complete:
            break
        session.say(
            f"{experiment.id}: {result.trace.sensor.completeness.sentence()}; it is run once more"
        )
        result = run_experiment(experiment, ground, session)
    return result


def _asked(of: Subject, observation: Observation, ground: Ground, session: Session) -> list[_Made]:
    """Find out what a workload can be asked, and ask it.

    With `deep` the other experiments follow, with limits from the memory that this took.
    """
    try:
        made = list(_run(first_experiments(of), ground, session))
    finally:
        of.survey.settled.set()  # also if it never became ready
    if of.effort is Effort.DEEP:
        peaks = [observation.result.memory_peak, *(result.memory_peak for _, result in made)]
        made += _run(other_experiments(of, max(filter(None, peaks), default=None)), ground, session)
    return made


def concurrency_for(
    memory_peaks: Sequence[int | None], workloads: Sequence[Workload], session: Session
) -> int:
    """Return how many experiments run at once, and report a lack of memory.

    The number affects neither the experiments nor their order.
    """
    if session.sensor.needs_mount or any(
        workload.run.gpus is not None or workload.run.compose is not None for workload in workloads
    ):
        # held containers are thawed one by one, and the memory of a GPU or of neighbours is not
        # known
        return 1
    lanes, why = room(memory_peaks, MAX_CONCURRENT)
    if why:
        session.say(f"{lanes} {'experiment' if lanes == 1 else 'experiments'} at once: {why}")
    return lanes


def _subjects(
    observations: Sequence[Observation], config: ImageConfig, effort: Effort
) -> Iterator[tuple[Subject, Observation]]:
    """Yield each profiled workload and its observation; those that differ only in tests once."""
    by_run: dict[object, Observation] = {}
    for seen in observations:
        by_run.setdefault((seen.workload.run, seen.workload.ready), seen)
    for seen in by_run.values():
        prefix = f"{seen.workload.name}." if len(by_run) > 1 else ""
        mapped = frozenset(
            touch.resolved or touch.given
            for touch in seen.trace.touches
            if touch.use is Use.MAPPED and touch.errno == 0
        )
        own = config_in(config, seen.workload.run)
        designed = subject(seen.workload, own, effort, prefix)
        timed = replace(
            designed, ready_seconds=seen.result.ready_seconds, seconds=seen.result.seconds
        )
        yield replace(timed, mapped=mapped, used_files=_used_files(seen.trace)), seen


def _used_files(trace: Trace) -> int:
    """Return the number of files that a workload used."""
    # Files used until it was ready would depend on when readiness was noticed.
    used = (
        touch
        for touch in trace.touches
        if touch.use in _USED and touch.errno == 0 and touch.on_image is not False
    )
    return len({touch.resolved or touch.given for touch in used})


def _sweep(examined: Examined, bom: RuntimeBom | None, effort: Effort) -> Sweep | None:
    """Return what to import; None without an RBOM."""
    if bom is None:
        return None
    return plan_sweep(examined.rootfs, examined.inventory, bom, examined.image.config, effort)


def _swept(
    sweep: Sweep, of: Subject, ground: Ground, session: Session
) -> Iterator[tuple[Experiment, Explored]]:
    """Import the modules of a sweep; yield the experiment as it is to be repeated.

    Modules that were not reached here are left out of it.
    """
    pace = slowness()
    seen = _watched_to_the_end(
        import_experiment(sweep, of.workload, of.effort, pace), ground, session
    )
    left = sum(answer.status is None for answer in seen.answers)
    if left:
        session.progress.note(
            f"exploration: imports: {left} of {len(seen.answers)} modules were not imported to"
            " the end or not reached in time"
        )
    yield repeated(sweep, seen, of.workload, of.effort, pace)


def explore_again(
    exploration: Exploration,
    prepared: PreparedImage,
    config: ImageConfig,
    log_directory: Path | None,
    session: Session,
    first: First = NOTHING_FIRST,
) -> tuple[Explored, ...]:
    """Run the same experiments on another image: same conditions, same order of tries.

    `first` runs before them, in the calling thread; experiments that may run aside do not wait for
    it. What it raises cancels them. Raises ToolError if the engine or the sensor fails.
    """
    ground = Ground(prepared, config, log_directory)
    lanes = concurrency_for(
        [*first.memory_peaks, *(before.memory_peak for before in exploration.original)],
        [experiment.workload for experiment in exploration.experiments],
        session,
    )
    pairs = list(zip(exploration.experiments, exploration.original, strict=True))
    aside = {
        number
        for number, (experiment, _) in enumerate(pairs)
        if experiment.aside and first.work is not None and lanes > 1 and session.engine.can_yield
    }
    gate = _Gate()

    def run(number: int) -> Callable[[Told], Explored | None]:
        experiment, before = pairs[number]
        patience = PATIENCE if before.ready_seconds is not None else 1.0
        own = replace(ground, patience=patience)
        if number in aside:
            return lambda told: run_experiment(
                _yielding(experiment), replace(own, on_container=told), session
            )
        return lambda told: (
            run_experiment(experiment, replace(own, on_container=told), session)
            if gate.opens()
            else None
        )

    order = sorted(
        range(len(pairs)), key=lambda number: (number not in aside, -pairs[number][1].seconds)
    )  # longest first, so that all end at about the same time
    works = [lambda _: gate.after(first.work), *(run(number) for number in order)]
    results = run_in_lanes(works, lanes)[1:]
    done = {number: made for number, made in zip(order, results, strict=True) if made is not None}
    return tuple(done[number] for number in range(len(pairs)))


def _yielding(experiment: Experiment) -> Experiment:
    """Return the experiment in a container that leaves the processors to others."""
    workload = experiment.workload
    return replace(experiment, workload=replace(workload, run=replace(workload.run, yields=True)))


class _Gate:
    """Holds work back until other work has ended well."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._passed = False

    def open(self) -> None:
        """Let the rest go on."""
        self._passed = True
        self._over.set()

    def after(self, work: Callable[[Callable[[], None]], None] | None) -> None:
        """Do the work, and let the rest go on when it says so or ends, or not if this raises."""
        try:
            if work is not None:
                work(self.open)
            self._passed = True
        finally:
            self._over.set()

    def opens(self) -> bool:
        """Wait, and return whether to go on."""
        self._over.wait()
        return self._passed


def with_exploration(
    bom: RuntimeBom, exploration: Exploration, examined: Examined, session: Session
) -> RuntimeBom:
    """Attribute the traces of experiments and merge them into the RBOM, as runs of their own.

    Endpoints and system calls stay those of the workloads. A trace that lost events is left out
    with a note, so the RBOM stays complete.
    """
    boms = [bom]
    hashes = ContentHashes(examined.rootfs, bom)
    for number, explored in enumerate(exploration.results, 1):
        trace = explored.trace
        if trace is None:
            continue
        if not trace.sensor.complete:
            session.progress.note(
                f"exploration: {explored.experiment}: {trace.sensor.completeness.sentence()}, so"
                " nothing is kept because of it"
            )
            continue
        session.say(
            f"attributing what exploration saw: {explored.experiment} ({number} of"
            f" {len(exploration.results)})"
        )
        found = attribute(
            trace,
            examined.rootfs,
            examined.inventory,
            examined.image.ref,
            _as_run(explored, trace.sensor, session.engine.name),
            hashes,
        )
        boms.append(
            replace(found, endpoints=(), syscalls={})
        )  # they have no origin, and would pass for the workload's
    return merge(boms)


def _as_run(explored: Explored, sensor: SensorInfo, engine: str) -> Run:
    return Run(
        workload=f"{ORIGIN}{explored.experiment}",
        command=explored.command,
        started=explored.started,
        seconds=round(explored.seconds, 3),
        tests=(),
        checked="nothing",
        sensor=sensor,
        engine=engine,
        kind=RunKind.EXPLORATION,
    )
