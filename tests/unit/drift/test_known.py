"""What is known of an image: which behaviour is expected, and what cannot be compared."""

from dataclasses import replace

import pytest

from careen.drift.known import known
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason
from careen.model.rbom import FileUse, RuntimeBom, UsedFile
from careen.model.runs.drift import DriftKind
from careen.model.runs.trace import Endpoint, Phase, SensorInfo, SensorKind, Use
from tests.support.boms import IMAGE, RUN, SENSOR

START = frozenset({Phase.START})
GONE = Reason("unused", "nobody used it")


def used(path: str, *uses: Use) -> UsedFile:
    return UsedFile(
        ImagePath(path),
        "file",
        "a" * 64,
        1,
        "",
        (),
        tuple(FileUse(use, START, "/bin/a", "web") for use in uses),
    )


BOM = RuntimeBom(
    IMAGE,
    (RUN,),
    (
        used("/bin/a", Use.EXECUTED),
        used("/lib/b.so", Use.OPENED, Use.MAPPED),
        used("/etc/c", Use.OPENED),
    ),
    (),
    {Phase.START: ("openat",), Phase.SERVING: ("accept4",)},
    (Endpoint("bind", "inet", "0.0.0.0", 80, START, "/bin/a"),),
    {},
)
PLAN = Plan(IMAGE, Level.CLOSURE, {}, {ImagePath("/bin/x"): GONE}, {}, "a" * 64)


def test_programs_are_code_too_and_what_was_only_read_is_not() -> None:
    expected = known(BOM, PLAN, "x86_64")
    assert expected.executables == {"/bin/a"}
    assert expected.libraries == {"/bin/a", "/lib/b.so"}
    assert expected.endpoints == {("bind", "inet", "0.0.0.0", 80)}
    assert expected.syscalls == {"openat", "accept4"}
    assert expected.removed == {"/bin/x": GONE}
    assert expected.not_compared == {}


def test_without_a_plan_nothing_is_known_to_be_removed() -> None:
    expected = known(BOM, None, "x86_64")
    assert expected.removed == {}
    assert list(expected.not_compared) == [DriftKind.REMOVED]


@pytest.mark.parametrize(
    ("sensor", "machine", "kinds"),
    [
        (
            replace(SENSOR, kind=SensorKind.FANOTIFY, evidence=frozenset({Use.EXECUTED})),
            "x86_64",
            {DriftKind.LIBRARY, DriftKind.ENDPOINT, DriftKind.SYSCALL},
        ),
        (replace(SENSOR, emulated=True), "x86_64", {DriftKind.SYSCALL}),
        (SENSOR, "aarch64", {DriftKind.SYSCALL}),
    ],
    ids=["fanotify", "emulated", "another machine"],
)
def test_what_the_profile_could_not_see_is_not_compared(
    sensor: SensorInfo, machine: str, kinds: set[DriftKind]
) -> None:
    bom = replace(BOM, runs=(replace(RUN, sensor=sensor),))
    expected = known(bom, PLAN, machine)
    assert set(expected.not_compared) == kinds
    assert all(expected.not_compared.values())
