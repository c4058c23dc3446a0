"""The eBPF sensor: all path operations of a container's processes from the first exec."""

import errno
import platform
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from careen.errors import ToolError
from careen.model.runs.attached import RunningContainer
from careen.model.runs.engine import Container
from careen.model.runs.trace import Phase, SensorInfo, SensorKind, Trace, Use
from careen.sensor.decode import Decoder, endpoints, merge
from careen.sensor.emulated import as_emulated, emulators
from careen.sensor.follow import FollowWatch
from careen.sensor.helper import Helper, HelperError
from careen.sensor.helpers import Helpers
from careen.sensor.live import LiveDecoder
from careen.sensor.recording import PHASE_ORDER, Recording, by_container
from careen.sensor.syscall_names import name_of
from careen.sensor.wire import FrameType, SightType, frames, read_sight
from careen.tools.binfmt import handlers

# TRAVERSED is derived by walking the names in the image's index, since this sensor has all names.
EVIDENCE = frozenset(Use)
START_LIMIT = 5.0


ATTACHED = (
    "attached to a container that ran already: of its start it is known only what was mapped or"
    " open when recording began (phase 'start'); what was opened and closed before is not known,"
    " scripts and modules that were read once above all"
)
ATTACHED_CHECK = (
    "what the container's HEALTHCHECK uses is not separated (it has no phase of its own): the"
    " container's engine runs it, not careen"
)


def _seen_start(helper: Helper) -> bool:
    with helper.trace() as stream:
        try:
            return any(
                kind is FrameType.SIGHT and read_sight(raw).type is SightType.START
                for kind, raw in frames(stream)
            )
        except ToolError:  # no end mark yet: it is still being written
            return False


def _notes(recording: Recording, variant: str) -> tuple[str, ...]:
    notes = [
        "a script's nested interpreters are taken from the files, not observed",
        "unix socket paths are endpoints, not files",
    ]
    if variant != "full":
        notes.append(
            "this kernel has no io_uring_submit_req tracepoint: opens by io_uring are not seen, and"
            " counted if a ring was made"
        )
    if variant == "core":
        notes.append(
            "this kernel cannot show the ELF interpreter: it is taken from PT_INTERP of what was"
            " executed"
        )
    if recording.counters.get("unresolved_fd"):
        notes.append(
            f"{recording.counters['unresolved_fd']} opens whose descriptor another thread had"
            " closed are known by name only"
        )
    return tuple(notes)


def build_trace(
    recording: Recording, variant: str, seconds: float, notes: tuple[str, ...] = ()
) -> Trace:
    """Return the Trace of a recording; `notes` come before the sensor's own."""
    decoder = Decoder(recording)
    machine = platform.machine()
    losses = dict(recording.losses)
    if variant != "full":
        losses["uring_unwatched"] = recording.counters.get("urings", 0)

    info = SensorInfo(
        kind=SensorKind.EBPF,
        kernel=platform.release(),
        architecture=machine,
        programs=tuple(recording.programs),
        evidence=EVIDENCE,
        losses=losses,
        events=recording.counters.get("events"),
        notes=(*notes, *_notes(recording, variant)),
    )
    trace = Trace(
        sensor=info,
        touches=merge(touch for part in (decoder.names(), decoder.files()) for touch in part),
        syscalls={
            phase: tuple(
                sorted(name_of(machine, number) for number in recording.syscalls.get(phase, ()))
            )
            for phase in PHASE_ORDER
        },
        endpoints=endpoints(recording),
        starts=len(recording.starts),
        seconds=seconds,
        roots=tuple(dict.fromkeys(start.reached or "/" for start in recording.starts)) or ("/",),
        directories=decoder.directories(),
        mounts=decoder.mount_points(),
    )
    return as_emulated(trace, emulators(handlers()))


_NOT_OURS = (
    "process {pid} is another user's and may not be looked at: run as root, or with CAP_SYS_PTRACE,"
    " too (docs/privileges.md)"
)
_REFUSED = {
    errno.ENOENT: "process {pid} is not there any more: the container has ended",
    errno.ESRCH: "process {pid} is not there any more: the container has ended",
    errno.EXDEV: (
        "process {pid} has the mount namespace of careen or of this machine, so it is in no"
        " container; name the control group of one"
    ),
    errno.EACCES: _NOT_OURS,
    errno.EPERM: _NOT_OURS,
}


class EbpfWatch:
    """A watch of one container with one helper."""

    def __init__(self, command: str, helpers: Helpers, notes: tuple[str, ...] = ()) -> None:
        """Take a helper and send it the command that says what to watch.

        `notes` are added to the trace's.
        """
        self._helpers = helpers
        self._helper = helpers.take()
        self._open = True
        self._began = time.monotonic()
        self._more = notes
        self.recording: Recording | None = None
        try:
            self._helper.command(command)
        except BaseException:
            self.close()
            raise

    @property
    def helper_pid(self) -> int:
        return self._helper.pid

    def set_phase(self, phase: Phase) -> None:
        self._helper.command(f"phase {PHASE_ORDER.index(phase)}")

    @contextmanager
    def health_check(self) -> Iterator[None]:
        self._helper.command(f"entering {PHASE_ORDER.index(Phase.HEALTH)}")
        try:
            yield
        finally:
            self._helper.command("entering")

    def started(self) -> None:
        deadline = time.monotonic() + START_LIMIT
        while not _seen_start(self._helper):
            if time.monotonic() > deadline:
                msg = (
                    "sensor: the container started, but its first exec was not seen on this kernel:"
                    " it runs in a virtual machine or sandbox of its own (gVisor, Kata, a remote"
                    " daemon); use the runc runtime on this machine"
                )
                raise ToolError(msg)
            time.sleep(0.02)

    def used(self) -> float:
        return int(self._helper.command("used")) / 1000

    def finish(self) -> Trace:
        """Detach, return the trace and give the helper back; `recording` has the raw recording."""
        seconds = time.monotonic() - self._began
        self._open = False
        self.recording = self._helpers.finish(self._helper)
        return build_trace(self.recording, self._helper.variant, seconds, self._more)

    def close(self) -> None:
        if self._open:
            self._open = False
            self._helper.close()


class EbpfOthers:
    """A watch with one helper of containers that others start meanwhile.

    Each is armed by its id when it is created, which is mostly before its first exec.
    """

    def __init__(self, helpers: Helpers) -> None:
        self._helpers = helpers
        self._helper = helpers.take()
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._ended = False
        self._ids: list[str] = []

    def add(self, container_id: str) -> None:
        """Watch a container that was created and not started, if there is room.

        Does nothing after the end.
        """
        with self._lock:
            if self._ended:
                return
            try:
                self._helper.command(f"arm {container_id}")
                self._ids.append(container_id)
            except HelperError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def set_phase(self, phase: Phase) -> None:
        with self._lock:
            self._helper.command(f"phase {PHASE_ORDER.index(phase)}")

    def finish(self) -> dict[str, Trace]:
        """Detach and return a trace of each container that started, by its id."""
        with self._lock:
            self._ended = True
            recording = self._helpers.finish(self._helper)
        seconds = time.monotonic() - self._began
        return {
            self._ids[number]: build_trace(part, self._helper.variant, seconds)
            for number, part in by_container(recording).items()
        }

    def close(self) -> None:
        with self._lock:
            if not self._ended:
                self._ended = True
                self._helper.close()


class EbpfSensor:
    """Sensor that uses tracepoints; see bpf/."""

    kind = SensorKind.EBPF
    needs_mount = False

    def __init__(
        self, sizes: Mapping[str, int] | None = None, *, variant: str | None = None, keep: int = 0
    ) -> None:
        """`sizes` overrides limits, for tests.

        Its keys are `names` and `files` (entries), `ring` and `text` (bytes). `variant` selects the
        programs for older kernels: `loader` is without io_uring, `core` also without ELF
        interpreters. Up to `keep` helpers stay loaded until `close`.
        """
        options = [
            word for name, value in (sizes or {}).items() for word in (f"--{name}", str(value))
        ]
        if variant is not None:
            options += ["--variant", variant]
        self._helpers = Helpers(options, keep)

    def load(self) -> None:
        """Load and attach once to see whether the kernel permits it; raise HelperError if not."""
        self._helpers.finish(self._helpers.take())

    def close(self) -> None:
        self._helpers.close()

    def watch(self, container: Container) -> EbpfWatch:
        return EbpfWatch(f"arm {container.id}", self._helpers)

    def watch_others(self) -> EbpfOthers:
        return EbpfOthers(self._helpers)

    def attach(self, running: RunningContainer) -> EbpfWatch:
        """Watch a running container, as the port says; the sizes of the options apply."""
        with _refusals(running):
            watch = EbpfWatch(_attach(running), self._helpers, (ATTACHED, ATTACHED_CHECK))
        try:
            watch.set_phase(Phase.SERVING)
        except BaseException:
            watch.close()
            raise
        return watch

    def follow(self, running: RunningContainer) -> FollowWatch:
        """Watch a running container and hand over what is seen as it comes."""
        helper = self._helpers.take()
        try:
            with _refusals(running):
                helper.command(_attach(running))
            machine = platform.machine()
            return FollowWatch(helper, LiveDecoder(machine, emulators(handlers())))
        except BaseException:
            helper.close()
            raise


def _attach(running: RunningContainer) -> str:
    return f"attach {running.pid} {running.container_id}".rstrip()


@contextmanager
def _refusals(running: RunningContainer) -> Iterator[None]:
    """Raise ToolError for a reason that is known of the helper's refusal to attach."""
    try:
        yield
    except HelperError as error:
        reason = _REFUSED.get(error.errno)
        if reason is None:
            raise
        msg = f"attaching to {running.name!r}: {reason.format(pid=running.pid)}"
        raise ToolError(msg) from error
