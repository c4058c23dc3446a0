"""Run one experiment under the sensor, in a container that is removed afterwards."""

import datetime as dt
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from careen.errors import CareenError, ToolError
from careen.explore.design import START_LEAST
from careen.explore.experiment import Experiment, ReadyContainer
from careen.model.image import ImageConfig
from careen.model.runs.engine import Container, PreparedImage
from careen.model.runs.exploration import Answer, Explored
from careen.model.runs.trace import Phase, Trace
from careen.model.runs.workload import ReadyExit, ReadyLog, Workload
from careen.pipeline.profiling.observe import argv
from careen.pipeline.run.session import Session
from careen.sensor.port import Watch
from careen.tools.log_directory import write_logs
from careen.tools.pace import slowness
from careen.workload.composed import config_in
from careen.workload.context import RunContext, make_environment
from careen.workload.health import HealthCheck
from careen.workload.ports import all_ports, candidate_ports, wanted_ports
from careen.workload.probe import make_probe
from careen.workload.reach import direct
from careen.workload.ready import settle_ready
from careen.workload.waiting import Answered, wait_ready

ENDING = 15.0
KILLED = 137
MIN_GRACE = 1.0
MOST_PATIENCE = 16.0
"""Largest factor of longer limits on a busy machine, so that a hanging service ends."""
MOST_BUSY = 4.0
"""Largest factor for the shortest limit of a start; longer ones were measured on this machine."""
# A dozen experiments on two images are in memory at once.
LOGS = 4 * 1024 * 1024
"""Number of characters of a container's output that are kept, the last ones."""


def _ignore_container(_: Container) -> None:
    """Ignore a container."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Image that experiments run on, and the conditions of the run.

    `patience` multiplies the limits: a second image must not fail by a second. `calm` is what it
    would be on an idle machine. `on_container` is called with each container, and may raise to
    cancel. `again` names requests to make several times. `log_directory` None keeps no logs.
    """

    prepared: PreparedImage
    config: ImageConfig
    log_directory: Path | None
    patience: float = 1.0
    on_container: Callable[[Container], None] = _ignore_container
    again: frozenset[str] = frozenset()
    calm: float = 1.0

    def start_limit(self, workload: Workload) -> float:
        """Return for how many seconds a service is waited for."""
        # The limit is a multiple of a start on this machine. Only the least limit is not measured.
        busy = min(self.patience, MOST_BUSY * self.calm)
        return max(
            workload.limits.ready * self.calm, min(workload.limits.ready, START_LEAST) * busy
        )


@dataclass(slots=True)
class _ExperimentState:
    """State of a running experiment."""

    answers: list[Answer] = field(default_factory=list)
    skipped: str = ""
    ready_seconds: float | None = None
    exit_code: int | None = None
    logs: str = ""
    memory_peak: int | None = None
    served: bool = False
    waited: float | None = None
    held_up: float | None = None


def run_experiment(experiment: Experiment, ground: Ground, session: Session) -> Explored:
    """Create the container, wait for it, make the tries, and always remove it.

    Limits are longer on a busy machine. A container that cannot be created or started, or never
    becomes ready, is a result. Raises ToolError only if the engine does not answer.
    """
    session.say(f"exploring {experiment.id}: {experiment.title}")
    ground = replace(
        ground,
        config=config_in(ground.config, experiment.workload.run),
        patience=max(ground.patience, min(ground.patience * slowness(), MOST_PATIENCE)),
        calm=ground.patience,
    )
    begun = time.monotonic()
    started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    so_far = _ExperimentState()
    trace = _watched(experiment, ground, so_far, session)
    result = Explored(
        experiment=experiment.id,
        title=experiment.title,
        answers=tuple(so_far.answers),
        trace=trace,
        started=started,
        command=argv(ground.config, experiment.workload),
        skipped=so_far.skipped,
        ready_seconds=so_far.ready_seconds,
        exit_code=so_far.exit_code,
        logs=so_far.logs,
        memory_peak=so_far.memory_peak,
        begun=begun,
        seconds=time.monotonic() - begun,
        served=so_far.served,
        waited=so_far.waited,
        held_up=so_far.held_up,
        yielded=experiment.workload.run.yields,
    )
    _write_log(ground.log_directory, result)
    return result


def _watched(
    experiment: Experiment, ground: Ground, so_far: _ExperimentState, session: Session
) -> Trace | None:
    workload = experiment.workload
    serves = experiment.until is not None or not isinstance(workload.ready, ReadyExit)
    ports = wanted_ports(ground.config, workload) if serves else ()
    try:
        container = session.engine.create(
            ground.prepared, workload.run, ports, held=session.sensor.needs_mount
        )
    except CareenError as error:
        so_far.skipped = f"the container cannot be created: {error}"
        return None
    try:
        ground.on_container(container)
        watch = session.sensor.watch(container)
        try:
            _ExperimentRun(experiment, ground, container, watch, so_far).run()
            return replace(watch.finish(), differing=container.differing())
        finally:
            watch.close()
    finally:
        container.remove()


@dataclass(frozen=True, slots=True)
class _ExperimentRun:
    """Life of one container."""

    experiment: Experiment
    ground: Ground
    container: Container
    watch: Watch
    so_far: _ExperimentState

    def run(self) -> None:
        so_far = self.so_far
        try:
            self.container.start()
        except ToolError as error:
            self.container.state()  # an engine that does not answer raises again
            so_far.skipped = f"the container cannot be started: {error}"
            return
        self.watch.started()
        self.watch.set_phase(Phase.START)
        workload = self.experiment.workload
        if isinstance(workload.ready, ReadyExit):
            self._job()
        else:
            self._service(workload)
        self._end()

    def _job(self) -> None:
        limit = (
            self.experiment.limit
            if self.experiment.limit is not None
            else self.experiment.workload.limits.test
        )
        begun = time.monotonic()
        if self.experiment.until is not None:
            why = self._await(
                self.container,
                replace(self.experiment.workload, ready=self.experiment.until),
                limit * self.ground.patience,
            )
            self.so_far.served = not why
            limit = (
                max(limit - (time.monotonic() - begun), MIN_GRACE) if why else 0.0
            )  # a ready service does not exit
        status = self.container.wait(limit * self.ground.patience)
        self.so_far.ready_seconds = time.monotonic() - begun if status is not None else None
        self._drive(
            ReadyContainer(
                self.container, {}, patience=self.ground.patience, again=self.ground.again
            )
        )

    def _service(self, workload: Workload) -> None:
        begun = time.monotonic()
        why = self._await(self.container, workload, self.ground.start_limit(workload))
        if why:
            # The comparison uses the status and the last output.
            if self.container.state().running:
                self.so_far.waited = time.monotonic() - begun
            return
        self.so_far.ready_seconds = time.monotonic() - begun
        self.so_far.held_up = self.container.held_up()
        self.watch.set_phase(Phase.SERVING)
        ports = dict(direct(self.container, all_ports(self.ground.config, workload)))
        live = ReadyContainer(
            self.container,
            ports,
            lambda grace: self._restart(workload, ports, grace),
            self.ground.patience,
            self.watch.health_check,
            self.ground.again,
        )
        self._drive(live)

    def _drive(self, live: ReadyContainer) -> None:
        try:
            self.so_far.answers.extend(self.experiment.drive(live))
        except ToolError as error:
            self.container.state()  # an engine that does not answer raises again
            self.so_far.skipped = f"not tried to the end: {error}"

    def _restart(self, workload: Workload, ports: dict[int, int], grace: float) -> str:
        """Restart the container and wait; return "", or why it is not ready."""
        # Earlier output does not count, and published ports may change.
        printed = len(self.container.logs()) if isinstance(workload.ready, ReadyLog) else 0
        self.container.restart(grace)
        again = cast("Container", _OutputSince(self.container, printed))
        why = self._await(again, workload, self.ground.start_limit(workload))
        ports.clear()
        ports.update(direct(self.container, all_ports(self.ground.config, workload)))
        return why

    def _await(self, container: Container, workload: Workload, limit: float) -> str:
        """Wait up to `limit` seconds until the container is ready; return "", or why it is not."""
        config = self.ground.config
        candidates = candidate_ports(config, workload)
        try:
            ready = settle_ready(workload.ready, config, candidates)
            straight = direct(container, all_ports(config, workload))
            environment = make_environment(
                container, RunContext(self.ground.prepared.reference, config), straight
            )
            health = HealthCheck(container, config, self.watch.health_check)
            probe = make_probe(ready, health, candidates, environment)
        except CareenError as error:
            if container.state().running:
                self.so_far.skipped = f"its readiness is unknown: {error}"
            return str(error)
        outcome = wait_ready(container, probe, limit, _silent)
        return "" if isinstance(outcome, Answered) else outcome.reason

    def _end(self) -> None:
        so_far, container = self.so_far, self.container
        state = container.state()
        so_far.memory_peak = container.memory_peak()
        so_far.exit_code = self._stopped() if state.running else state.exit_code
        so_far.logs = container.logs()[-LOGS:]

    def _stopped(self) -> int | None:
        """Stop the container; return its exit status, None if it had to be killed."""
        workload = self.experiment.workload
        # A job at its time limit needs no grace period.
        self.container.stop(
            MIN_GRACE
            if isinstance(workload.ready, ReadyExit)
            else workload.limits.stop * self.ground.patience
        )
        code = self.container.wait(ENDING)
        return None if code == KILLED else code


def _silent(_: str) -> None:
    """Ignore progress: the experiment has been announced."""


class _OutputSince:
    """Container without its earlier output; implements what a readiness check uses."""

    def __init__(self, container: Container, printed: int) -> None:
        self._container = container
        self._printed = printed

    def logs(self) -> str:
        return self._container.logs()[self._printed :]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)


def _write_log(directory: Path | None, result: Explored) -> None:
    if directory is None:
        return
    stem = re.sub(r"[^A-Za-z0-9_.-]", "_", result.experiment)
    write_logs(directory, {f"explore-{stem}.log": result.logs})
