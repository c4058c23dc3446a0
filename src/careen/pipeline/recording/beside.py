"""Record a container of careen's own pod from its first exec, as a sidecar that starts first."""

import contextlib
import select
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from careen.clusters.kubelet_mounts import container_in
from careen.engines.attached import ExitWatch, find_cgroup, is_outside
from careen.engines.control_groups import containers_in, group_in, group_of_pod
from careen.errors import InputError, ToolError
from careen.model.rbom import Run, RuntimeBom
from careen.model.runs.attached import RunningContainer
from careen.model.runs.trace import Phase, Trace
from careen.pipeline.attach import CHECKED, End, now, stop_signals
from careen.pipeline.profiling.image_match import MOUNTS_LIMIT, changes
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, examine, open_source
from careen.rbom.attribute import attribute
from careen.report.output_file import write_output
from careen.report.terminal_output.figures import duration
from careen.sensor.port import Others

ORIGIN = "pod:"
_TICK = 0.005
"""Seconds between two looks at the pod's control group.

A runtime makes the group, then starts a process of its own that becomes the container; that takes
tens of milliseconds.
"""

_RUNTIMES = frozenset({"runc", "crun", "youki", "exe"})  # exe: of /proc/self
_NAMED_WITHIN = 10.0  # seconds from a container's group to its name
_SLICE = 5.0


@dataclass(frozen=True, slots=True)
class BesideRequest:
    """What to record: the container `name` of the pod with this UID, of the image `image`.

    The recording ends after `seconds`, if the container did not end before. `watching` is a file
    that is made when careen is ready for the container to start, None makes none.
    """

    name: str
    pod: str
    image: str
    seconds: float
    watching: Path | None = None


def beside(request: BesideRequest, deliver: Callable[[RuntimeBom], None], session: Session) -> None:
    """Record a container of a pod from its first exec, and `deliver` the RBOM of what it used.

    It ends with the container, after `request.seconds`, or on SIGINT, SIGTERM or SIGHUP. What
    follows the start of another container counts as SERVING. Then it waits for such a signal: a
    sidecar that ends before its pod is started again. Raises InputError, ToolError (sensor, a node
    that hides its control groups) or ImageError.
    """
    if request.watching is not None:
        _remove_stale(request.watching)
    group = group_of_pod(request.pod)
    with contextlib.ExitStack() as held:
        with session.stage("inspect"):
            examined = examine(held.enter_context(open_source(request.image, session)), session)
        others = session.sensor.watch_others()
        if others is None:
            msg = "watching a container from its start takes the eBPF sensor (docs/privileges.md)"
            raise ToolError(msg)
        held.callback(others.close)
        stopped = held.enter_context(stop_signals())
        pod = _Pod(group, others, containers_in(group))
        with _marked(request.watching), session.stage("record"):
            session.say(f"waiting for container {request.name!r} to start")
            started = now()
            running = pod.find(request, stopped)
            life = held.enter_context(contextlib.closing(ExitWatch(running)))
            changed = changes(running, examined.rootfs, request.image)
            for note in changed:
                session.progress.note(note)
            session.say(f"recording {request.name}")
            end = _until_the_end(pod, life, request.seconds, stopped)
            trace = others.finish().get(running.container_id)
            if trace is None:
                msg = (
                    f"container {request.name!r} started, but its first exec was not seen: the pod"
                    " shares its process namespace (shareProcessNamespace), or runs in a sandbox"
                    " of its own (gVisor, Kata)"
                )
                raise ToolError(msg)
            length = duration(trace.seconds)
            notes = (
                *changed,
                f"recorded beside the container in its pod for {length}: {end.value}",
            )
            session.say("attributing what was seen to files and packages")
            deliver(_bom(running, trace, started, notes, examined))
            session.say("done; waiting for the pod to end")
            _readable(stopped, None)


@contextlib.contextmanager
def _marked(watching: Path | None) -> Iterator[None]:
    """Make the file that lets the container start; remove it if the block fails.

    A careen that is started again would find it, and the container would start unwatched.
    """
    if watching is None:
        yield
        return
    write_output(watching, b"")
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            watching.unlink()
        raise


def _remove_stale(watching: Path) -> None:
    """Remove what an earlier careen of this pod has left, which says too early that all is ready.

    Raises InputError for a file that has content, which is no such file.
    """
    with contextlib.suppress(FileNotFoundError):
        if watching.lstat().st_size:
            msg = (
                f"--watching {str(watching)!r}: this file is not empty; name one that is not there"
            )
            raise InputError(msg)
        watching.unlink()


class _Pod:
    """The pod's control group, in which each new container is armed as soon as it is made."""

    def __init__(self, group: Path, others: Others, known: frozenset[str]) -> None:
        self._group, self._others = group, others
        self._seen = set(known)
        self._nameless: dict[str, float] = {}

    def look(self) -> bool:
        """Arm what is new, and return whether anything is."""
        fresh = containers_in(self._group) - self._seen
        for container_id in fresh:
            self._others.add(container_id)
            self._nameless[container_id] = time.monotonic()
        self._seen |= fresh
        return bool(fresh)

    def find(self, request: BesideRequest, stopped: int) -> RunningContainer:
        """Wait for the container's start. Raises InputError if it does not start in time."""
        until = time.monotonic() + request.seconds
        while time.monotonic() < until:
            self.look()
            for container_id, since in tuple(self._nameless.items()):
                running = _running(self._group, container_id)
                name = None if running is None else _name(running.pid, request.pod)
                late = time.monotonic() - since > _NAMED_WITHIN
                if running is not None and name == request.name:
                    if late or not _is_runtime(running):
                        return replace(running, name=request.name, engine="kubernetes")
                elif late or name is not None:
                    if running is None and is_outside(group_in(self._group, container_id)):
                        find_cgroup(group_in(self._group, container_id))  # raises
                    del self._nameless[container_id]
            if _readable(stopped, _TICK):
                break
        msg = (
            f"container {request.name!r} of pod {request.pod} did not start while careen watched:"
            " give the name of a container that starts after careen's"
        )
        raise InputError(msg)

    def serve(self) -> None:
        """What follows is no start any more."""
        self._others.set_phase(Phase.SERVING)


def _running(group: Path, container_id: str) -> RunningContainer | None:
    """Return a container of the pod once it has a process, None before."""
    with contextlib.suppress(InputError):
        return find_cgroup(group_in(group, container_id))
    return None


def _is_runtime(running: RunningContainer) -> bool:
    """Return whether the first process is the runtime's own yet, before it becomes the program."""
    return bool(running.command) and Path(running.command[0]).name in _RUNTIMES


def _name(pid: int, pod: str) -> str | None:
    """Return the container's name in the pod, None if the kubelet's mounts are not there (yet)."""
    try:
        with Path(f"/proc/{pid}/mountinfo").open("rb") as stream:
            text = stream.read(MOUNTS_LIMIT).decode("utf-8", "surrogateescape")
    except OSError:
        return None
    found = container_in(text)
    return found[1] if found is not None and found[0] == pod else None


def _until_the_end(pod: _Pod, life: ExitWatch, seconds: float, stopped: int) -> End:
    until = time.monotonic() + seconds
    poll = select.poll()
    poll.register(life.fileno(), select.POLLIN)
    poll.register(stopped, select.POLLIN)
    starting = True
    while (left := until - time.monotonic()) > 0:
        ready = {fd for fd, _ in poll.poll(min(left, 0.1 if starting else _SLICE) * 1000)}
        if life.fileno() in ready:
            return End.CONTAINER
        if stopped in ready:
            return End.STOPPED
        if starting and pod.look():
            pod.serve()
            starting = False
    return End.TIME


def _readable(descriptor: int, seconds: float | None) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(None if seconds is None else seconds * 1000))


def _bom(
    running: RunningContainer,
    trace: Trace,
    started: str,
    notes: tuple[str, ...],
    examined: Examined,
) -> RuntimeBom:
    # Of kind WORKLOAD: it was seen from its first exec, as one that careen starts.
    run = Run(
        workload=f"{ORIGIN}{running.name}",
        command=running.command,
        started=started,
        seconds=round(trace.seconds, 3),
        tests=(),
        checked=CHECKED,
        sensor=replace(trace.sensor, notes=(*trace.sensor.notes, *notes)),
        engine=running.engine,
    )
    return attribute(trace, examined.rootfs, examined.inventory, examined.image.ref, run)
