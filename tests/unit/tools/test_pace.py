"""How slow the machine is now: by the clock for each second of processor time, whatever the clock
says.
"""

from types import SimpleNamespace

import pytest

from careen.tools import pace


@pytest.mark.parametrize(
    ("clock", "processor", "slow"),
    [(1.0, 1.0, 1.0), (3.0, 1.0, 3.0), (50.0, 1.0, 8.0), (0.5, 1.0, 1.0), (1.0, 0.0, 8.0)],
)
def test_a_machine_that_gives_less_of_its_processors_is_slower(
    clock: float, processor: float, slow: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = [0.0, 0.0]

    def at(which: int, speed: float) -> float:
        passed[which] += 0.001
        return passed[which] * speed

    clocks = SimpleNamespace(monotonic=lambda: at(0, clock), thread_time=lambda: at(1, processor))
    monkeypatch.setattr("careen.tools.pace.time", clocks)
    assert pace.slowness() == pytest.approx(slow, rel=0.1)
