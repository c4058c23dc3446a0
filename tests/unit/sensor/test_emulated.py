"""What a trace says when an emulator ran the programs."""

from dataclasses import replace

from careen.model.machines import program_header
from careen.model.runs.trace import Endpoint, Phase, SensorInfo, SensorKind, Touch, Trace, Use
from careen.sensor.emulated import NAMELESS, as_emulated, emulators
from careen.tools.binfmt import Handler

QEMU = "/usr/bin/qemu-aarch64"
APP = "/usr/bin/app"
START = frozenset({Phase.START})
SENSOR = SensorInfo(SensorKind.EBPF, "6.18", "x86_64", (), frozenset(Use), {"ring_full": 0})


def touch(use: Use, given: str, executable: str = APP, **changes: object) -> Touch:
    whole = Touch(use, given, "/", given, True, 0, START, executable)
    return replace(whole, **changes)  # type: ignore[arg-type]


RAN = touch(Use.EXECUTED, QEMU, "", on_image=False)
READ = touch(Use.OPENED, "/lib/libc.so.6")


def trace(*touches: Touch, endpoints: tuple[Endpoint, ...] = ()) -> Trace:
    return Trace(SENSOR, touches, {Phase.START: ("arch_prctl", "openat")}, endpoints)


def test_native_programs_leave_a_trace_as_it_is() -> None:
    seen = trace(touch(Use.EXECUTED, APP, ""), READ)
    assert as_emulated(seen, {QEMU}) is seen
    # An image may have an emulator of its own, and run it.
    own = trace(touch(Use.EXECUTED, QEMU, "", on_image=True), touch(Use.OPENED, "/a", QEMU))
    assert as_emulated(own, {QEMU}) is own
    # That does not hide that this machine's ran as well.
    both = trace(*own.touches, RAN)
    assert as_emulated(both, {QEMU}).sensor.emulated


def test_an_emulated_trace_is_marked_and_has_no_system_calls() -> None:
    seen = as_emulated(trace(RAN, touch(Use.EXECUTED, APP, ""), READ), {QEMU})
    assert seen.sensor.emulated
    assert seen.sensor.evidence == frozenset(Use)
    assert seen.syscalls == {}
    assert seen.sensor.notes[0] == (
        f"programs ran under an emulator ({QEMU}): their system calls are not known"
    )
    assert NAMELESS not in seen.sensor.notes


def test_the_emulators_own_paths_are_dropped() -> None:
    seen = as_emulated(
        trace(
            RAN,
            touch(Use.MAPPED, QEMU, on_image=False),
            touch(Use.OPENED, "/usr/gnemul/qemu-aarch64/lib/libc.so.6", errno=2, resolved=None),
            touch(Use.LOOKED_UP, "/etc/qemu-binfmt/aarch64", errno=2, resolved=None),
            touch(Use.LOOKED_UP, "/etc/qemu-binfmt.conf", errno=2, resolved=None),
            touch(Use.OPENED, "/etc/qemu-binfmt/aarch64/lib/libc.so.6"),
            READ,
        ),
        {QEMU},
    )
    # What the image really has there is the image's, and so is a name that only begins alike.
    assert [each.given for each in seen.touches] == [
        "/etc/qemu-binfmt.conf",
        "/etc/qemu-binfmt/aarch64/lib/libc.so.6",
        "/lib/libc.so.6",
    ]


def test_without_the_program_as_a_descriptor_nobody_is_named() -> None:
    end = Endpoint("bind", "inet", "0.0.0.0", 80, START, QEMU)
    seen = as_emulated(
        trace(
            touch(Use.OPENED, "/lib/libc.so.6", QEMU),
            touch(Use.OPENED, "/lib/libc.so.6", ""),
            endpoints=(end,),
        ),
        {QEMU},
    )
    assert seen.sensor.emulated
    assert [each.executable for each in seen.touches] == [""]
    assert seen.endpoints == (replace(end, executable=""),)
    assert NAMELESS in seen.sensor.notes


def test_interpreters_of_programs_are_emulators_and_others_are_not() -> None:
    magic = program_header("arm64") or b""
    arm = Handler("arm", QEMU, "OF", 0, magic, b"\xff" * len(magic))
    python = Handler("python3", "/usr/bin/python3", "", 0, b"\xf3\x0d\x0d\x0a", b"\xff" * 4)
    assert QEMU in emulators((arm, python))
    assert "/usr/bin/python3" not in emulators((arm, python))
    assert emulators(None) == frozenset()
