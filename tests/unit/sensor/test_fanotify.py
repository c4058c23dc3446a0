"""The fallback sensor: its events as touches, and what it says that it cannot see."""

import io
from pathlib import Path
from typing import cast

import pytest

from careen.errors import ToolError
from careen.model.runs.attached import RunningContainer
from careen.model.runs.engine import Container
from careen.model.runs.trace import Phase, SensorKind, Use
from careen.sensor import fanotify
from careen.sensor.fanotify import (
    FLAG_DIRECTORY,
    FLAG_EXEC,
    HEAD,
    LATE,
    NOT_APART,
    FanotifySensor,
    read_touches,
)
from careen.sensor.helper import HelperError
from careen.sensor.wire import FRAME, FrameType
from tests.support.watched import DockerContainer


def frame(kind: FrameType, payload: bytes) -> bytes:
    return FRAME.pack(kind, len(payload)) + payload


def opened(path: bytes, flags: int = 0, phase: int = 0, program: bytes = b"/bin/app") -> bytes:
    payload = HEAD.pack(flags, phase, 5_000_000_000) + program + b"\0" + path + b"\0"
    return frame(FrameType.OPENED, payload)


def read(data: bytes) -> tuple[list[tuple[Use, str, bool | None]], dict[str, int]]:
    losses = {"queue_overflow": 0}
    touches = list(read_touches(io.BytesIO(data + frame(FrameType.END, b"")), losses))
    return [(touch.use, touch.given, touch.on_image) for touch in touches], losses


@pytest.mark.parametrize(
    ("flags", "use"),
    [(0, Use.OPENED), (FLAG_EXEC, Use.EXECUTED), (FLAG_DIRECTORY, Use.LISTED)],
)
def test_each_event_is_a_touch_of_its_kind(flags: int, use: Use) -> None:
    assert read(opened(b"/usr/x", flags)) == ([(use, "/usr/x", True)], {"queue_overflow": 0})


def test_phase_program_and_time_are_kept() -> None:
    data = opened(b"/\xff", phase=1) + frame(FrameType.END, b"")
    (touch,) = read_touches(io.BytesIO(data), {})
    assert (touch.given, touch.executable) == ("/\udcff", "/bin/app")
    assert touch.phases == frozenset({Phase.SERVING})


def test_a_deleted_file_counts_under_both_names_and_as_unknown() -> None:
    """A file may really be named so, and the kernel's mark looks the same."""
    touches, _ = read(opened(b"/tmp/x (deleted)"))
    assert touches == [
        (Use.OPENED, "/tmp/x (deleted)", None),
        (Use.OPENED, "/tmp/x", None),
    ]


def test_an_overflow_of_the_queue_is_a_loss() -> None:
    counters = frame(FrameType.COUNTERS, (7).to_bytes(8, "little"))
    assert read(opened(b"/a") + counters)[1] == {"queue_overflow": 7}


@pytest.mark.parametrize("cut", [1, 9, 30])
def test_a_trace_that_is_cut_off_is_an_error(cut: int) -> None:
    data = opened(b"/usr/lib/x") + opened(b"/usr/lib/y")
    with pytest.raises(ToolError, match="trace"):
        list(read_touches(io.BytesIO(data[:-cut]), {}))


class _Marked(DockerContainer):
    """A container whose root is mounted at once, only after its start, or never."""

    def __init__(self, mount: Path | None, root: Path | None) -> None:
        super().__init__("ab" * 32)
        self.at_mount, self.at_start = mount, root

    def mount(self) -> Path | None:
        return self.at_mount

    def rootfs(self) -> Path | None:
        return self.at_start

    def changes(self, destination: Path) -> None:
        raise NotImplementedError(destination)


class _Helper:
    """A helper that has recorded one event."""

    pid = 42

    def __init__(self, arguments: tuple[str, ...]) -> None:
        self.arguments = arguments
        self.commands: list[str] = []
        self.closed = False

    def command(self, line: str) -> str:
        self.commands.append(line)
        return ""

    def trace(self) -> io.BytesIO:
        return io.BytesIO(opened(b"/etc", FLAG_DIRECTORY) + frame(FrameType.END, b""))

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def helpers(monkeypatch: pytest.MonkeyPatch) -> list[_Helper]:
    made: list[_Helper] = []

    def make(arguments: tuple[str, ...]) -> _Helper:
        made.append(_Helper(arguments))
        return made[-1]

    monkeypatch.setattr(fanotify, "Helper", make)
    return made


def test_a_mark_before_the_start_sees_all(helpers: list[_Helper]) -> None:
    watch = FanotifySensor().watch(cast("Container", _Marked(Path("/merged"), None)))
    watch.started()
    watch.set_phase(Phase.SERVING)
    assert watch.helper_pid == 42
    assert watch.used() == 0.0
    trace = watch.finish()
    assert helpers[0].arguments == ("fanotify", "{output}", "ab" * 32, "/merged")
    assert helpers[0].commands == ["phase 1", "phase 1", "finish"]
    assert helpers[0].closed
    assert trace.sensor.kind is SensorKind.FANOTIFY
    assert trace.sensor.losses == {"queue_overflow": 0, "opens_before_mark": 0}
    assert trace.directories == frozenset({"/etc"})
    assert LATE not in trace.sensor.notes
    assert NOT_APART not in trace.sensor.notes


def test_a_mark_after_the_start_is_a_loss_and_said(helpers: list[_Helper]) -> None:
    watch = FanotifySensor().watch(cast("Container", _Marked(None, Path("/merged"))))
    watch.started()
    with watch.health_check():
        pass
    trace = watch.finish()
    assert len(helpers) == 1
    assert trace.sensor.losses["opens_before_mark"] == 1
    assert LATE in trace.sensor.notes
    assert NOT_APART in trace.sensor.notes


def test_a_root_that_is_not_mounted_here_is_refused(helpers: list[_Helper]) -> None:
    watch = FanotifySensor().watch(cast("Container", _Marked(None, None)))
    with pytest.raises(ToolError, match="its engine does not say where it is; use --engine"):
        watch.started()
    watch.close()
    assert helpers == []


def test_a_failure_at_the_end_still_ends_the_helper(
    helpers: list[_Helper], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = FanotifySensor().watch(cast("Container", _Marked(Path("/merged"), None)))

    def refuse(line: str) -> str:
        raise HelperError(line)

    monkeypatch.setattr(helpers[0], "command", refuse)
    with pytest.raises(HelperError):
        watch.finish()
    assert helpers[0].closed


def test_a_running_container_is_not_attached_to() -> None:
    running = RunningContainer("web", 1, "", "docker")
    with pytest.raises(ToolError, match=r"attaching to 'web': .*need the ebpf sensor"):
        FanotifySensor().attach(running)
