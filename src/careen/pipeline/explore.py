"""Explore: try on throwaway containers what the user's tests did not, and learn what that needs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from careen.explore.design import Subject, first_experiments, other_experiments, subject
from careen.explore.experiment import Experiment
from careen.explore.imports import import_experiment, plan_sweep, repeated
from careen.formats.openapi import Operation
from careen.model.engine import PreparedImage
from careen.model.exploration import Effort, Explored
from careen.model.image import ImageConfig
from careen.model.rbom import Run, RunKind, RuntimeBom
from careen.model.trace import Use
from careen.pipeline.experiment_run import Ground, run_experiment
from careen.pipeline.observe import Observation
from careen.pipeline.profile import Profile
from careen.pipeline.session import Session
from careen.pipeline.source import Examined
from careen.rbom.attribute import attribute
from careen.rbom.merge import merge

ORIGIN = "explore:"
PATIENCE = 3.0
_WITHOUT = "+held-out"


@dataclass(frozen=True, slots=True)
class Exploration:
    """The experiments, and what came of each on the original image, in the same order. `operations` are those of the service's own OpenAPI document, None when
    it has none (or was never asked).
    """

    experiments: tuple[Experiment, ...]
    original: tuple[Explored, ...]
    operations: tuple[Operation, ...] | None = None


def explore_original(
    examined: Examined,
    prepared: PreparedImage,
    seen: Sequence[Observation] | Profile,
    effort: Effort,
    log_directory: Path | None,
    session: Session,
) -> Exploration:
    """Design the experiments from the image, the workloads and what was seen of them, and run each on the original under the sensor.

    An experiment that does not become ready is a result like any other; where it has others to take its place, they are run besides. Nothing is explored
    with `Effort.OFF`. With a profile, which says what the workloads used, the modules within their reach are imported, too. Raises ToolError when the engine
    or the sensor fails.
    """
    if effort is Effort.OFF:
        return Exploration((), ())
    ground = Ground(prepared, examined.image.config, log_directory)
    experiments: list[Experiment] = []
    results: list[Explored] = []

    def run(designed: Iterable[Experiment]) -> None:
        for experiment in designed:
            result = run_experiment(experiment, ground, session)
            experiments.append(experiment)
            results.append(result)
            run(experiment.then if result.ready_seconds is not None else experiment.instead)

    observations, bom = (seen.observations, seen.bom) if isinstance(seen, Profile) else (seen, None)
    subjects = tuple(_subjects(observations, examined.image.config, effort))
    for each, observation in subjects:
        before = len(results)
        run(first_experiments(each))
        peaks = [observation.result.memory_peak, *(result.memory_peak for result in results[before:])]
        run(other_experiments(each, max(filter(None, peaks), default=None)))
    if bom is not None and subjects:
        for experiment, result in _sweep(examined, bom, subjects[0][0], ground, session):
            experiments.append(experiment)
            results.append(result)
    documents = [each.survey.operations for each, _ in subjects if each.survey.operations is not None]
    operations = tuple(dict.fromkeys(operation for document in documents for operation in document)) if documents else None
    return Exploration(tuple(experiments), tuple(results), operations)


def _subjects(observations: Sequence[Observation], config: ImageConfig, effort: Effort) -> Iterator[tuple[Subject, Observation]]:
    """Yield each workload that was profiled with what is known of it; one that differs from another in its tests alone is explored once."""
    by_run: dict[object, Observation] = {}
    for seen in observations:
        if not seen.workload.name.endswith(_WITHOUT):
            by_run.setdefault((seen.workload.run, seen.workload.ready), seen)
    for seen in by_run.values():
        prefix = f"{seen.workload.name}." if len(by_run) > 1 else ""
        mapped = frozenset(touch.resolved or touch.given for touch in seen.trace.touches if touch.use is Use.MAPPED and touch.errno == 0)
        known = replace(subject(seen.workload, config, effort, prefix), mapped=mapped, ready_seconds=seen.result.ready_seconds, seconds=seen.result.seconds)
        yield known, seen


def _sweep(examined: Examined, bom: RuntimeBom, of: Subject, ground: Ground, session: Session) -> Iterator[tuple[Experiment, Explored]]:
    """Import what is within reach, and yield that as it is to be repeated on other images: without what was not reached here."""
    sweep = plan_sweep(examined.rootfs, examined.inventory, bom, examined.image.config, of.effort)
    if sweep is not None:
        seen = run_experiment(import_experiment(sweep, of.workload, of.effort), ground, session)
        yield repeated(sweep, seen, of.workload, of.effort)


def explore_again(exploration: Exploration, prepared: PreparedImage, config: ImageConfig, log_directory: Path | None, session: Session) -> tuple[Explored, ...]:
    """Run the same experiments on another image: the same conditions, the same tries in the same order.

    Raises ToolError when the engine or the sensor fails.
    """
    ground = Ground(prepared, config, log_directory)
    return tuple(
        run_experiment(experiment, replace(ground, patience=PATIENCE if before.ready_seconds is not None else 1.0), session)
        for experiment, before in zip(exploration.experiments, exploration.original, strict=True)
    )


def with_exploration(bom: RuntimeBom, exploration: Exploration, examined: Examined, session: Session) -> RuntimeBom:
    """Attribute what the experiments showed and merge it into the RBOM, as runs of their own kind.

    Endpoints and system calls stay the workloads' alone. A trace that lost events is left out, and the user is told: the RBOM stays complete, and nothing is
    kept because of that experiment.
    """
    boms = [bom]
    for number, explored in enumerate(exploration.original, 1):
        trace = explored.trace
        if trace is None:
            continue
        if not trace.sensor.complete:
            session.progress.note(f"exploration: {explored.experiment}: {trace.sensor.lost} events were lost, so nothing is kept because of it")
            continue
        session.say(f"attributing what exploration saw: {explored.experiment} ({number} of {len(exploration.original)})")
        found = attribute(trace, examined.rootfs, examined.inventory, examined.image.ref, _run(explored, session.engine.name))
        boms.append(replace(found, endpoints=(), syscalls={}))  # they have no origin, and must not pass for the workload's
    return merge(boms)


def _run(explored: Explored, engine: str) -> Run:
    trace = explored.trace
    if trace is None:  # pragma: no cover — the caller has looked
        msg = explored.experiment
        raise ValueError(msg)
    return Run(
        workload=f"{ORIGIN}{explored.experiment}",
        command=explored.command,
        started=explored.started,
        seconds=round(explored.seconds, 3),
        tests=(),
        checked="nothing",
        sensor=trace.sensor,
        engine=engine,
        kind=RunKind.EXPLORATION,
    )
