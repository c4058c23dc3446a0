"""Run the workloads on the original image and record what they used."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from careen.engines.client.engine import ClientEngine
from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.runnable import require_runnable
from careen.errors import ToolError, WorkloadError
from careen.model.image import Platform
from careen.model.rbom import Run, RuntimeBom
from careen.model.runs.completeness import UNWATCHED
from careen.model.runs.engine import PreparedImage
from careen.model.runs.trace import Phase, SensorInfo, Trace
from careen.model.runs.workload import Workload
from careen.oci.image import Image
from careen.pipeline.profiling.observe import Observation, Subject, observe_all
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined
from careen.rbom.attribute import attribute
from careen.rbom.merge import merge
from careen.tools.binfmt import handlers
from careen.workload.health import health_words

UNHEALTHY = (
    "workload {}: the image's HEALTHCHECK {} though the workload is ready, {}: what it needs to"
    " pass was not seen"
)
SANDBOXES = ("runsc", "gvisor", "kata", "firecracker")


@dataclass(frozen=True, slots=True)
class Profile:
    """The merged RBOM of all workloads, and its observations."""

    bom: RuntimeBom
    observations: tuple[Observation, ...]


def prepare(
    image: Image, engine: ClientEngine | EmbeddedEngine, stored: Mapping[str, str]
) -> PreparedImage:
    """Make an opened image runnable.

    `stored` maps configuration digests to ids in the engine's store. Such an image is run from
    there. Any other is loaded, and removed at the end of the run.
    """
    if isinstance(engine, EmbeddedEngine):
        return engine.prepare(image)
    # By the id that was read: a name may have moved.
    if (image_id := stored.get(image.ref.config_digest)) is not None:
        return engine.prepare_existing(image_id)
    return engine.load_image(image)


@contextmanager
def runnable(examined: Examined, session: Session) -> Iterator[PreparedImage]:
    """Yield the original image, prepared for the engine."""
    image, engine = examined.image, session.engine
    with _runnable(
        image.config.platform,
        image.reference,
        lambda: prepare(image, engine, session.stored_for(engine)),
        session,
    ) as prepared:
        yield prepared


@contextmanager
def runnable_in_store(
    image_id: str, platform: Platform, reference: str, session: Session
) -> Iterator[PreparedImage]:
    """Yield an image of the engine's store. Raises ToolError for an engine without one."""
    engine = session.engine
    if isinstance(engine, EmbeddedEngine):
        msg = f"{reference}: the embedded engine has no store of images"
        raise ToolError(msg)
    with _runnable(
        platform, reference, lambda: engine.prepare_existing(image_id), session
    ) as prepared:
        yield prepared


@contextmanager
def _runnable(
    platform: Platform, reference: str, prepare: Callable[[], PreparedImage], session: Session
) -> Iterator[PreparedImage]:
    engine = session.engine
    refuse_sandbox(engine.runtime())
    require_runnable(platform, handlers(), reference)
    prepared = prepare()
    try:
        if note := engine.note():
            session.progress.note(note)
        if isinstance(engine, EmbeddedEngine):
            for note in engine.notes(prepared):
                session.progress.note(note)
        yield prepared
    finally:
        engine.discard(prepared)


def run_original(
    subject: Subject, workloads: Sequence[Workload], session: Session
) -> tuple[Observation, ...]:
    """Run the workloads on the original under the sensor, up to the first failure.

    Containers of the image that others started without a sensor count as a loss of the last
    workload with tests on the host.
    """
    begun = time.time()
    seen = observe_all(subject, workloads, session.engine, session)
    if note := session.engine.note():
        seen = tuple(_with_note(each, note) for each in seen)
    unwatched = _unwatched(subject, seen, begun, session)
    last = max((at for at, each in enumerate(seen) if each.tests_on_host), default=None)
    if not unwatched or last is None:
        return seen
    return (*seen[:last], with_unwatched_loss(seen[last], unwatched), *seen[last + 1 :])


def _unwatched(
    subject: Subject, seen: Sequence[Observation], begun: float, session: Session
) -> int:
    if not isinstance(session.engine, ClientEngine) or not any(each.tests_on_host for each in seen):
        return 0
    heard = sum(each.unwatched for each in seen)
    watched = sum(trace.starts for each in seen for trace in each.others)
    with suppress(ToolError):  # the engine's past events are a second source
        return max(heard, session.engine.count_other_starts(subject.prepared, begun) - watched)
    return heard


def _with_note(seen: Observation, note: str) -> Observation:
    sensor = seen.trace.sensor
    noted = replace(sensor, notes=(*sensor.notes, note))
    return replace(seen, trace=replace(seen.trace, sensor=noted))


def with_unwatched_loss(seen: Observation, unwatched: int) -> Observation:
    """Return an observation with unwatched containers among its losses."""
    sensor = seen.trace.sensor
    return replace(
        seen,
        trace=replace(
            seen.trace, sensor=replace(sensor, losses={**sensor.losses, UNWATCHED: unwatched})
        ),
    )


def refuse_sandbox(runtime: str) -> None:
    """Raise ToolError for a runtime with a kernel of its own, such as gVisor."""
    # The sensor sees no system calls there, so all files would be removed.
    if any(word in runtime.lower() for word in SANDBOXES):
        msg = (
            f"the engine's runtime is {runtime!r}, whose containers have a kernel of their own that"
            " a sensor cannot watch: use runc, or --engine embedded"
        )
        raise ToolError(msg)


def make_profile(
    examined: Examined, observations: tuple[Observation, ...], session: Session
) -> Profile:
    """Attribute what was seen to files and packages.

    Raises WorkloadError if a workload failed.
    """
    # A test that fails on the original proves nothing about a smaller image.
    require_passed(observations)
    for note in unhealthy(observations):
        session.progress.note(note)
    session.say("attributing what was seen to files and packages")
    name = session.engine.name
    rootfs, inventory, image = examined.rootfs, examined.inventory, examined.image.ref
    boms = []
    for seen in observations:
        traces = (seen.trace, *joined_test_trace(seen))
        run = _run(seen, traces, name)
        boms += [attribute(trace, rootfs, inventory, image, run) for trace in traces]
    return Profile(merge(boms), observations)


def joined_test_trace(seen: Observation) -> Iterator[Trace]:
    """Yield one joined trace of the containers that the tests started, if there are any."""
    if not seen.others:
        return
    # Most of them do the same things, so one trace is smaller.
    sensor = _joined(seen.others)
    touches = dict.fromkeys(touch for trace in seen.others for touch in trace.touches)
    starts, seconds = (
        sum(trace.starts for trace in seen.others),
        max(trace.seconds for trace in seen.others),
    )
    roots = dict.fromkeys(root for trace in seen.others for root in trace.roots)
    syscalls = {
        phase: tuple(
            dict.fromkeys(name for trace in seen.others for name in trace.syscalls.get(phase, ()))
        )
        for phase in Phase
    }
    endpoints = dict.fromkeys(endpoint for trace in seen.others for endpoint in trace.endpoints)
    directories = frozenset(path for trace in seen.others for path in trace.directories)
    mounts = tuple(sorted({path for trace in seen.others for path in trace.mounts}))
    # Files that an engine's `cp` put into them are unknown: most are gone when the tests end.
    yield Trace(
        sensor,
        tuple(touches),
        syscalls,
        tuple(endpoints),
        starts,
        seconds,
        tuple(roots),
        directories,
        mounts,
        differing=None,
    )


def _joined(traces: Sequence[Trace]) -> SensorInfo:
    """Return the one sensor that watched all, with the mark if an emulator ran programs of any."""
    first = traces[0].sensor
    emulated = [trace.sensor for trace in traces if trace.sensor.emulated]
    notes = dict.fromkeys((*first.notes, *(note for each in emulated for note in each.notes)))
    return replace(first, notes=tuple(notes), emulated=bool(emulated))


def unhealthy(observations: Sequence[Observation]) -> Iterator[str]:
    """Yield a line for each workload whose image's HEALTHCHECK did not pass."""
    for seen in observations:
        health = seen.result.health
        if health is not None and health.status != 0:
            tries = "tried once" if health.tries == 1 else f"tried {health.tries} times"
            yield UNHEALTHY.format(seen.workload.name, health_words(health), tries)


def require_passed(observations: Sequence[Observation]) -> None:
    """Raise WorkloadError if the last workload failed."""
    # Runs stop after the first failure.
    if not observations or observations[-1].result.passed:
        return
    last = observations[-1].result
    what = (
        "the tests fail on the original image"
        if last.tests
        else "the workload fails on the original image"
    )
    msg = (
        f"{what}: workload {last.workload!r}: {last.reason}{_logs(observations[-1].log_directory)}"
    )
    raise WorkloadError(msg)


def _logs(directory: Path | None) -> str:
    return f"; logs in {directory}" if directory is not None else ""


def _run(seen: Observation, traces: Sequence[Trace], engine: str) -> Run:
    """Return the run of a workload's own trace and those of its tests, with all losses added."""
    losses: Counter[str] = Counter()
    for trace in traces:
        losses.update(trace.sensor.losses)
    return Run(
        workload=seen.workload.name,
        command=seen.command,
        started=seen.started,
        seconds=round(seen.result.seconds, 3),
        tests=tuple(test.command for test in seen.workload.tests),
        checked=seen.result.checked,
        sensor=replace(_joined(traces), losses=dict(losses)),
        engine=engine,
    )
