"""What containers did that tests started by themselves is one trace, and what was lost of them is
lost to the profile.
"""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from careen.model.rbom import RuntimeBom
from careen.model.runs.completeness import UNWATCHED, Completeness, Gap
from careen.model.runs.trace import Phase, SensorInfo, SensorKind, Touch, Trace, Use
from careen.model.runs.workload import Workload, WorkloadResult
from careen.pipeline.profiling.observe import Observation
from careen.pipeline.profiling.profile import joined_test_trace, make_profile, with_unwatched_loss
from careen.pipeline.run.session import Session
from tests.support.boms import IMAGE
from tests.support.trees import tree

PASSED = WorkloadResult("web", True, "", "tests", (), None, 5.0, "", None)
SENSOR = SensorInfo(SensorKind.EBPF, "6.8", "x86_64", (), frozenset(Use), {"ring": 0})


def touch(path: str, first: float) -> Touch:
    return Touch(Use.OPENED, path, "/", path, True, 0, frozenset({Phase.START}), "/bin/sh", first)


def trace(*paths: str, began: float, syscalls: tuple[str, ...] = ("openat",)) -> Trace:
    return Trace(SENSOR, tuple(touch(path, began) for path in paths), {Phase.START: syscalls}, ())


def observed(*others: Trace) -> Observation:
    return Observation(
        Workload("web"),
        PASSED,
        trace("/bin/app", began=1.0),
        "2024-01-01T00:00:00Z",
        (),
        None,
        others,
    )


def test_none_where_none_were_started() -> None:
    assert tuple(joined_test_trace(observed())) == ()


def test_several_are_one_with_each_thing_once() -> None:
    first = replace(
        trace("/etc/a", "/etc/b", began=2.0), directories=frozenset({"/etc"}), mounts=("/proc",)
    )
    second = trace("/etc/b", "/etc/c", began=3.0, syscalls=("openat", "read"))
    (one,) = joined_test_trace(observed(first, second))
    assert [each.given for each in one.touches] == ["/etc/a", "/etc/b", "/etc/c"]
    assert one.syscalls[Phase.START] == ("openat", "read")
    assert one.starts == 2
    assert one.directories == {"/etc"}
    assert one.mounts == ("/proc",)


def test_the_mark_of_an_emulator_is_that_of_any() -> None:
    native = trace("/etc/a", began=2.0)
    sensor = replace(SENSOR, emulated=True, notes=("under an emulator",))
    emulated = replace(native, sensor=sensor)
    (one,) = joined_test_trace(observed(native, emulated, native))
    assert one.sensor.emulated
    assert one.sensor.notes == ("under an emulator",)
    (run,) = profiled(observed(native, emulated)).runs
    assert run.sensor.emulated
    assert run.sensor.notes == ("under an emulator",)
    (run,) = profiled(observed(native)).runs
    assert not run.sensor.emulated


def profiled(seen: Observation) -> RuntimeBom:
    session = cast(
        "Session", SimpleNamespace(say=lambda _: None, engine=SimpleNamespace(name="docker"))
    )
    examined: Any = SimpleNamespace(
        rootfs=tree({"/bin/app": "x", "/etc/a": "x"}),
        inventory=SimpleNamespace(packages={}, owners={}),
        image=SimpleNamespace(ref=IMAGE),
    )
    return make_profile(examined, (seen,), session).bom


def test_what_was_lost_of_them_is_lost_to_the_profile() -> None:
    lossy = replace(trace("/etc/a", began=2.0), sensor=replace(SENSOR, losses={"ring": 3}))
    bom = profiled(observed(lossy))
    assert bom.completeness == Completeness((Gap("ring", 3),))
    assert [file.path for file in bom.files] == [
        "/bin/app",
        "/etc/a",
    ]  # what was seen is kept all the same


def test_a_container_that_nobody_watched_is_a_gap() -> None:
    assert with_unwatched_loss(observed(), 2).trace.sensor.completeness == Completeness(
        (Gap(UNWATCHED, 2),)
    )
