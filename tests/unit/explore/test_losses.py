"""An experiment whose trace lost events widens nothing, and does not spoil the evidence of the
others.
"""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from careen.model.runs.exploration import Explored
from careen.model.runs.trace import Phase, Touch, Trace, Use
from careen.pipeline.profiling import explore
from careen.pipeline.profiling.explore import Exploration, with_exploration
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined
from tests.support.boms import BOM, IMAGE, SENSOR
from tests.support.trees import tree

LIBC = "/usr/lib/libc.so.6"
ROOT = tree({LIBC: b"libc"})
SEEN = Touch(
    Use.OPENED,
    LIBC,
    "/",
    LIBC,
    on_image=True,
    errno=0,
    phases=frozenset({Phase.START}),
    executable="",
)


def explored(name: str, lost: int) -> Explored:
    sensor = replace(SENSOR, losses={"ring_full": lost, "names_full": 0})
    trace = Trace(sensor, (SEEN,), {Phase.START: ("openat",)}, ())
    return Explored(name, name, (), trace)


def test_it_is_left_out_and_said() -> None:
    notes: list[str] = []
    session = cast(
        "Session",
        SimpleNamespace(
            progress=SimpleNamespace(note=notes.append),
            say=lambda _: None,
            engine=SimpleNamespace(name="docker"),
        ),
    )
    examined: Any = SimpleNamespace(
        rootfs=ROOT,
        inventory=SimpleNamespace(packages={}, owners={}),
        image=SimpleNamespace(ref=IMAGE),
    )
    exploration = Exploration(
        (), (explored("requests", 3), replace(explored("help", 0), trace=None))
    )
    found = with_exploration(BOM, exploration, cast("Examined", examined), session)
    assert found == BOM
    assert found.completeness.complete
    assert notes == [
        "exploration: requests: 3 events were lost (3 ring_full), so nothing is kept because of it"
    ]


@pytest.mark.parametrize(
    ("losses", "made", "complete"), [([0], 1, True), ([5, 0], 2, True), ([5, 7, 9], 3, False)]
)
def test_it_is_run_again_up_to_twice(
    losses: list[int], made: int, monkeypatch: pytest.MonkeyPatch, *, complete: bool
) -> None:
    """A busy machine must not decide what is kept."""
    runs = iter([explored("requests", lost) for lost in losses])
    monkeypatch.setattr(explore, "run_experiment", lambda *_: next(runs))
    session = cast("Session", SimpleNamespace(say=lambda _: None))
    ((_, found),) = explore._run(
        [cast("Any", SimpleNamespace(id="requests", then=(), instead=()))],
        cast("Any", None),
        session,
    )
    assert found.trace is not None
    assert found.trace.sensor.complete is complete
    assert len(losses) - len(list(runs)) == made
