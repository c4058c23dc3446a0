"""How often a container is looked at until it is ready."""

import pytest

from careen.workload import waiting
from careen.workload.waiting import LONG_PAUSE, LONGEST_PAUSE, NotReady, wait_ready
from tests.support.local_container import LocalContainer


class Clock:
    """A clock that goes on while something sleeps or looks."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[tuple[float, float]] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append((self.now, seconds))
        self.now += seconds


@pytest.mark.parametrize(
    ("look", "longest"),
    [(0.001, LONG_PAUSE), (0.01, 0.2), (0.1, LONGEST_PAUSE)],
)
def test_what_costs_little_is_looked_at_often_at_first(
    look: float, longest: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(waiting, "time", clock)

    def probe(_: float) -> str:
        clock.now += look
        return "it does not answer"

    with LocalContainer(["sleep", "60"]) as container:
        container.start()
        found = wait_ready(container, probe, 60.0, lambda _: None)
    assert isinstance(found, NotReady)
    assert clock.pauses[0][1] == pytest.approx(0.05)
    soon = [pause for at, pause in clock.pauses if at < 4.0]
    assert max(soon) == pytest.approx(longest)
    assert max(pause for _, pause in clock.pauses) == pytest.approx(LONGEST_PAUSE)
    assert 60.0 <= clock.now <= 60.0 + look
