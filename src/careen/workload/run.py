"""One run of a workload on a container, from start to stop."""

import contextlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from careen.errors import ToolError
from careen.model.runs.engine import Container
from careen.model.runs.trace import Phase
from careen.model.runs.workload import HealthResult, ReadyExit, TestResult, Workload, WorkloadResult
from careen.tools.log_directory import write_logs
from careen.workload.context import RunContext, make_environment
from careen.workload.health import HealthCheck
from careen.workload.plain import last_lines
from careen.workload.ports import all_ports, asked_ports, candidate_ports
from careen.workload.probe import AnyPort, make_probe
from careen.workload.reach import Seen, direct, relayed
from careen.workload.ready import settle_ready
from careen.workload.stopping import stop_note, stop_or_kill
from careen.workload.testing import PATIENCE, TestRun, run_test
from careen.workload.validate import validate_workload
from careen.workload.waiting import NotReady, describe_end, observe, wait_ready

STOP_MARGIN = 15.0
MEASURED_EVERY = 2.0
SETTLING = 2.0


@dataclass(slots=True)
class _Progress:
    """The results so far of a run in progress."""

    environment: dict[str, str] = field(default_factory=dict)
    tests: list[TestResult] = field(default_factory=list)
    ready_seconds: float | None = None
    held_up: float | None = None
    reason: str = ""
    seen: Seen = field(default_factory=Seen)
    memory_peak: int | None = None
    health: HealthResult | None = None


def run_workload(container: Container, workload: Workload, context: RunContext) -> WorkloadResult:
    """Start the container, wait until it is ready, run its tests, and stop it.

    The image's HEALTHCHECK runs before the tests. A failed workload is a result: `passed` is False
    and `reason` is one line. Raises InputError if nothing says when the workload is ready,
    ToolError if the engine fails. `workload.limits` bounds every wait; `test` bounds a batch job.
    The caller creates and removes the container.
    """
    validate_workload(workload)
    ready = settle_ready(workload.ready, context.config, candidate_ports(context.config, workload))
    settled = Workload(
        workload.name, ready, workload.tests, workload.observe, workload.run, workload.limits
    )
    begun = time.monotonic()
    so_far = _Progress()
    try:
        container.start()
    except ToolError as error:
        # A hardened image without its entrypoint fails here. If the engine does not answer, this
        # raises again.
        container.state()
        so_far.reason = f"the container cannot be started: {last_lines(str(error), 1)}"
        return _finish(container, settled, context, so_far, begun)
    context.on_phase(Phase.START)
    straight = direct(container, all_ports(context.config, settled))
    so_far.environment.update(make_environment(container, context, straight))
    if isinstance(ready, ReadyExit):
        _batch_job(container, settled, context, so_far)
    else:
        _service(container, settled, context, so_far, straight)
    return _finish(container, settled, context, so_far, begun)


def _service(
    container: Container,
    workload: Workload,
    context: RunContext,
    so_far: _Progress,
    straight: Mapping[int, int],
) -> None:
    context.progress(f"workload {workload.name}: waiting until it is ready")
    health = HealthCheck(container, context.config, context.checking)
    probe = make_probe(
        workload.ready, health, candidate_ports(context.config, workload), so_far.environment
    )
    asked = asked_ports(context.config, workload)
    outcome = wait_ready(container, probe, workload.limits.ready, context.progress, asked)
    if isinstance(outcome, NotReady):
        so_far.reason = outcome.reason
        return
    context.on_phase(Phase.SERVING)
    so_far.ready_seconds = outcome.seconds
    so_far.held_up = container.held_up()
    context.progress(f"workload {workload.name}: ready after {outcome.seconds:.1f} s")
    so_far.health = health.settled(workload.limits.ready)
    answering = probe.answered if isinstance(probe, AnyPort) else None
    with relayed(workload, straight, so_far.seen, context.progress) as ports:
        so_far.environment.update(make_environment(container, context, ports, answering))
        _run_tests(container, workload, context, so_far)
    if not so_far.reason and workload.observe > 0:
        context.progress(f"workload {workload.name}: observing for {workload.observe:g} s")
        so_far.reason = observe(container, workload.observe)
    state = container.state()
    # A test may see the end slightly before the engine does.
    if so_far.reason and state.running and container.wait(SETTLING) is not None:
        state = container.state()
    if not state.running and state.exit_code != 0 and "the container ended" not in so_far.reason:
        # A crash that no test noticed, or that made a test fail.
        ended = f"the container ended during the tests ({describe_end(container, state)})"
        so_far.reason = f"{so_far.reason}; {ended}" if so_far.reason else ended


def _batch_job(
    container: Container, workload: Workload, context: RunContext, so_far: _Progress
) -> None:
    limit = workload.limits.test
    context.progress(f"workload {workload.name}: waiting until it ends")
    status = _wait_measured(container, limit, so_far)
    if status is None:
        said = last_lines(container.logs())
        so_far.reason = f"the batch job did not end in {limit:g} s" + (
            f"; last output: {said}" if said else ""
        )
    elif status != 0:
        so_far.reason = f"the batch job failed ({describe_end(container, container.state())})"
    else:
        _run_tests(container, workload, context, so_far)


def _wait_measured(container: Container, limit: float, so_far: _Progress) -> int | None:
    """Wait for the end of a batch job and measure its peak memory meanwhile."""
    # After the end there may be no control group left to read.
    until = time.monotonic() + limit
    while True:
        left = max(until - time.monotonic(), 0.0)
        status = container.wait(min(left, MEASURED_EVERY))
        _measure(container, so_far)
        if status is not None or left <= MEASURED_EVERY:
            return status


def _measure(container: Container, so_far: _Progress) -> None:
    """Note the peak memory; errors are ignored, since the number is only shown."""
    with contextlib.suppress(ToolError):
        peak = container.memory_peak()
        if peak is not None:
            so_far.memory_peak = max(peak, so_far.memory_peak or 0)


def _run_tests(
    container: Container, workload: Workload, context: RunContext, so_far: _Progress
) -> None:
    """Run all tests, even after a failure: what each of them uses is evidence."""
    how = TestRun(
        so_far.environment,
        workload.limits.test,
        None if isinstance(workload.ready, ReadyExit) else PATIENCE,
        context.scratch,
    )
    for number, test in enumerate(workload.tests, 1):
        context.progress(
            f"workload {workload.name}: test {number} of {len(workload.tests)}: {test.command}"
        )
        result = run_test(test, container, how)
        so_far.tests.append(result)
        if not result.passed and not so_far.reason:
            so_far.reason = result.reason


def _finish(
    container: Container, workload: Workload, context: RunContext, so_far: _Progress, begun: float
) -> WorkloadResult:
    """Stop the container gracefully and return the result."""
    if so_far.ready_seconds is not None:
        context.on_tested()
    # What the container does at its stop is part of the workload.
    logs, exit_code, killed_after = "", None, None
    signal = context.config.stop_signal
    # What cannot reach it is not waited for.
    unheard = container.ignores(signal)
    limit = 0.0 if unheard else workload.limits.stop
    within = f" (up to {limit:g} s)" if limit else ""
    context.progress(f"workload {workload.name}: stopping{within}")
    _measure(container, so_far)
    try:
        if stop_or_kill(container, limit):
            killed_after = limit
            context.progress(stop_note(workload.name, signal, limit, unheard=unheard))
        exit_code = container.wait(STOP_MARGIN)
        logs = container.logs()
    except ToolError:  # expected if the container never started
        if not so_far.reason:
            raise
    result = WorkloadResult(
        workload=workload.name,
        passed=not so_far.reason,
        reason=so_far.reason,
        checked=_checked(workload),
        tests=tuple(so_far.tests),
        ready_seconds=so_far.ready_seconds,
        seconds=time.monotonic() - begun,
        logs=logs,
        exit_code=exit_code,
        environment=so_far.environment,
        begun=begun,
        exchanges=so_far.seen.exchanges,
        connections=so_far.seen.connections,
        memory_peak=so_far.memory_peak,
        health=so_far.health,
        killed_after=killed_after,
        unheard=unheard,
        held_up=so_far.held_up,
    )
    _write_logs(context, result)
    return result


def _checked(workload: Workload) -> str:
    if workload.tests:
        return "tests"
    return "exit status" if isinstance(workload.ready, ReadyExit) else "readiness only"


def _write_logs(context: RunContext, result: WorkloadResult) -> None:
    if context.log_directory is None:
        return
    stem = re.sub(r"[^A-Za-z0-9_.-]", "_", result.workload).lstrip(".") or "workload"
    outputs = enumerate((test.output for test in result.tests), 1)
    tests = {f"{stem}.test-{number}.log": output for number, output in outputs}
    write_logs(context.log_directory, {f"{stem}.log": result.logs, **tests})
