"""What containers did that tests started by themselves is one trace, or none when events were lost."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

from careen.model.trace import Phase, SensorInfo, SensorKind, Touch, Trace, Use
from careen.model.workload import Workload, WorkloadResult
from careen.pipeline.observe import Observation
from careen.pipeline.profile import of_tests
from careen.pipeline.session import Session

PASSED = WorkloadResult("web", True, "", "tests", (), None, 5.0, "", None)
SENSOR = SensorInfo(SensorKind.EBPF, "6.8", "x86_64", (), frozenset(Use), {"ring": 0})


def touch(path: str, first: float) -> Touch:
    return Touch(Use.OPENED, path, "/", path, True, 0, frozenset({Phase.START}), "/bin/sh", first)


def trace(*paths: str, began: float, syscalls: tuple[str, ...] = ("openat",)) -> Trace:
    return Trace(SENSOR, tuple(touch(path, began) for path in paths), {Phase.START: syscalls}, ())


def asked(*others: Trace) -> tuple[tuple[Trace, ...], list[str]]:
    notes: list[str] = []
    session = cast("Session", SimpleNamespace(progress=SimpleNamespace(note=notes.append)))
    seen = Observation(Workload("web"), PASSED, trace("/bin/app", began=1.0), "2024-01-01T00:00:00Z", (), None, others)
    return tuple(of_tests(seen, session)), notes


def test_none_where_none_were_started() -> None:
    assert asked() == ((), [])


def test_several_are_one_with_each_thing_once() -> None:
    (one,), notes = asked(trace("/etc/a", "/etc/b", began=2.0), trace("/etc/b", "/etc/c", began=3.0, syscalls=("openat", "read")))
    assert [each.given for each in one.touches] == ["/etc/a", "/etc/b", "/etc/c"]
    assert one.syscalls[Phase.START] == ("openat", "read")
    assert one.starts == 2
    assert notes == []


def test_nothing_is_kept_where_events_were_lost_and_that_is_said() -> None:
    lossy = replace(trace("/etc/a", began=2.0), sensor=replace(SENSOR, losses={"ring": 3}))
    assert asked(lossy) == ((), ["workload web: events of the containers that its tests started were lost (3), so nothing is kept because of them"])
