"""Run workloads on one image under a sensor, for profiling and verification."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from careen.model.image import ImageConfig
from careen.model.runs.engine import Engine, PreparedImage
from careen.model.runs.trace import Phase, Trace
from careen.model.runs.workload import TestPlace, Workload, WorkloadResult
from careen.pipeline.run.session import Session
from careen.workload.composed import config_in
from careen.workload.context import RunContext, nothing
from careen.workload.ports import wanted_ports
from careen.workload.run import run_workload
from careen.workload.stopping import learned
from careen.workload.validate import validate_workload


@dataclass(frozen=True, slots=True)
class Observation:
    """One run of a workload: its result, and what the sensor saw.

    `started` is RFC 3339 UTC; `command` is the container's argv. `others` are traces of the image's
    containers that tests started themselves; `unwatched` counts such containers without a trace.
    """

    workload: Workload
    result: WorkloadResult
    trace: Trace
    started: str
    command: tuple[str, ...]
    log_directory: Path | None = None
    others: tuple[Trace, ...] = ()
    unwatched: int = 0

    @property
    def tests_on_host(self) -> bool:
        """Whether its tests run on the host, where they can start containers."""
        return any(test.place is TestPlace.HOST for test in self.workload.tests)

    @property
    def traces(self) -> tuple[Trace, ...]:
        return (self.trace, *self.others)


@dataclass(frozen=True, slots=True)
class Subject:
    """The image to run, its configuration, and the directory of its logs (None keeps none)."""

    prepared: PreparedImage
    config: ImageConfig
    log_directory: Path | None


def argv(config: ImageConfig, workload: Workload) -> tuple[str, ...]:
    """Return the container's command line as docker makes it."""
    options = workload.run
    # `--entrypoint` drops the image's CMD.
    if options.entrypoint is not None:
        return (*((options.entrypoint,) if options.entrypoint else ()), *options.args)
    return (*config.entrypoint, *(options.args or config.cmd))


def observe_all(
    subject: Subject,
    workloads: Sequence[Workload],
    engine: Engine,
    session: Session,
    on_tested: Callable[[], None] = nothing,
) -> tuple[Observation, ...]:
    """Run each workload in its own container, watched from its first exec.

    Stops after the first one that fails. Before the last one is stopped, `on_tested` is called if
    it was ready.
    """
    for workload in workloads:
        validate_workload(workload)
    out: list[Observation] = []
    for number, workload in enumerate(workloads, 1):
        tell = on_tested if number == len(workloads) else nothing
        out.append(_observe(subject, workload, engine, session, tell))
        if not out[-1].result.passed:
            break
    return tuple(out)


def _observe(
    subject: Subject,
    workload: Workload,
    engine: Engine,
    session: Session,
    on_tested: Callable[[], None],
) -> Observation:
    started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    config = config_in(subject.config, workload.run)
    container = engine.create(
        subject.prepared,
        workload.run,
        wanted_ports(config, workload),
        held=session.sensor.needs_mount,
    )
    try:
        watch = session.sensor.watch(container)
        try:

            def on_phase(phase: Phase) -> None:
                if phase is Phase.START:
                    watch.started()
                watch.set_phase(phase)

            context = RunContext(
                subject.prepared.reference,
                config,
                subject.log_directory,
                on_phase,
                session.say,
                session.scratch("tests"),
                watch.health_check,
                on_tested,
            )
            others = _Others()
            with _watching_others(subject, workload, engine, session, others):
                result = run_workload(container, workload, context)
            trace = replace(watch.finish(), differing=container.differing())
        finally:
            watch.close()
    finally:
        container.remove()
    taken = learned(workload, result)
    return Observation(
        taken,
        result,
        trace,
        started,
        argv(config, workload),
        subject.log_directory,
        tuple(others.traces),
        others.unwatched,
    )


@dataclass(slots=True)
class _Others:
    """Traces of the containers that tests start, and the number without one."""

    traces: list[Trace] = field(default_factory=list)
    unwatched: int = 0


@contextmanager
def _watching_others(
    subject: Subject, workload: Workload, engine: Engine, session: Session, seen: _Others
) -> Iterator[None]:
    """Watch the containers of the image that tests start within the block; add them to `seen`."""
    if not any(test.place is TestPlace.HOST for test in workload.tests):
        yield
        return
    watch = session.sensor.watch_others()
    try:
        with engine.watch_other_containers(
            subject.prepared, _ignore_container if watch is None else watch.add
        ) as heard:
            yield
        if watch is not None:
            seen.traces += watch.finish().values()
        seen.unwatched = max(0, heard.started - sum(trace.starts for trace in seen.traces))
    finally:
        if watch is not None:
            watch.close()


def _ignore_container(_: str) -> None:
    """Ignore a container that this sensor cannot watch."""
