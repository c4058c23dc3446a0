"""An experiment whose trace lost events widens nothing, and does not spoil the evidence of the others."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from careen.model.exploration import Explored
from careen.model.trace import Phase, Touch, Trace, Use
from careen.pipeline.explore import Exploration, with_exploration
from careen.pipeline.session import Session
from careen.pipeline.source import Examined
from tests.support.boms import BOM, IMAGE, SENSOR
from tests.support.trees import tree

LIBC = "/usr/lib/libc.so.6"
ROOT = tree({LIBC: b"libc"})
SEEN = Touch(Use.OPENED, LIBC, "/", LIBC, on_image=True, errno=0, phases=frozenset({Phase.START}), executable="")


def explored(name: str, lost: int) -> Explored:
    sensor = replace(SENSOR, losses={"ring_full": lost, "names_full": 0})
    trace = Trace(sensor, (SEEN,), {Phase.START: ("openat",)}, ())
    return Explored(name, name, (), trace)


def test_it_is_left_out_and_said() -> None:
    notes: list[str] = []
    session = cast("Session", SimpleNamespace(progress=SimpleNamespace(note=notes.append), say=lambda _: None, engine=SimpleNamespace(name="docker")))
    examined: Any = SimpleNamespace(rootfs=ROOT, inventory=SimpleNamespace(packages={}, owners={}), image=SimpleNamespace(ref=IMAGE))
    exploration = Exploration((), (explored("requests", 3), replace(explored("help", 0), trace=None)))
    found = with_exploration(BOM, exploration, cast("Examined", examined), session)
    assert found == BOM
    assert found.completeness.complete
    assert notes == ["exploration: requests: 3 events were lost (3 ring_full), so nothing is kept because of it"]
