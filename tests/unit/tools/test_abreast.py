"""Work that is done at once gives the same results in the same order, and ends together."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from careen.errors import ToolError
from careen.model.runs.engine import Container
from careen.tools.concurrency import MARGIN, Work, available_memory, room, run_in_lanes

GIB = 1024 * 1024 * 1024


class Stopped:
    """A container that runs until it is stopped."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self.removed = False

    def stop(self, _: float) -> None:
        self._ended.set()

    def wait(self) -> None:
        assert self._ended.wait(20)


def runs(container: Stopped, made: list[Stopped]) -> Work[str]:
    """Run one container to its end, then another."""

    def work(told: Callable[[Container], None]) -> str:
        for each in (container, Stopped()):
            made.append(each)
            try:
                told(cast("Container", each))
                each.wait()
            finally:
                each.removed = True
        return "ended"

    return work


@pytest.mark.parametrize("lanes", [1, 2, 3, 9])
def test_results_are_in_the_order_of_the_work(lanes: int) -> None:
    def work(number: int) -> Work[int]:
        def do(_: Callable[[Container], None]) -> int:
            time.sleep(0.01 * (3 - number))
            return number

        return do

    assert run_in_lanes([work(number) for number in range(4)], lanes) == [0, 1, 2, 3]


def test_two_are_done_at_once() -> None:
    meeting = threading.Barrier(2)
    assert sorted(run_in_lanes([lambda _: meeting.wait(20), lambda _: meeting.wait(20)], 2)) == [
        0,
        1,
    ]


def test_one_lane_is_one_after_the_other_and_in_this_thread() -> None:
    here = threading.get_ident()
    assert run_in_lanes([lambda _: threading.get_ident(), lambda _: threading.get_ident()], 1) == [
        here,
        here,
    ]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ToolError("the engine does not answer")])
def test_when_the_first_fails_the_others_are_ended_with_it(
    error: BaseException | type[BaseException],
) -> None:
    made: list[Stopped] = []
    ready = threading.Event()

    def fails(_: Callable[[Container], None]) -> str:
        while not made:
            ready.wait(0.01)
        raise error

    with pytest.raises(error if isinstance(error, type) else type(error)):
        run_in_lanes([fails, runs(Stopped(), made), runs(Stopped(), made)], 2)
    assert all(each.removed for each in made)
    assert 1 <= len(made) <= 2  # the one that ran; another is removed as soon as it is there
    assert not any(thread.name.startswith("lane-") for thread in threading.enumerate())


def test_what_fails_in_another_thread_is_raised_here_and_nothing_is_begun_after_it() -> None:
    begun: list[int] = []

    def fails(_: Callable[[Container], None]) -> None:
        failed.set()
        msg = "no daemon"
        raise ToolError(msg)

    def waits(_: Callable[[Container], None]) -> None:
        assert failed.wait(20)
        time.sleep(0.05)

    failed = threading.Event()
    with pytest.raises(ToolError, match="no daemon"):
        run_in_lanes([waits, fails, lambda _: begun.append(1)], 2)
    assert begun == []


@pytest.mark.parametrize(
    ("processors", "free", "peaks", "lanes"),
    [
        (2, 8 * GIB, [GIB], 3),
        (3, 8 * GIB, [GIB], 4),
        (2, 2 * GIB + MARGIN, [GIB], 2),
        (8, 8 * GIB, [GIB], 5),
        (8, 2 * GIB + MARGIN, [GIB], 2),
        (8, GIB, [GIB, 2 * GIB], 1),
        (1, 8 * GIB, [GIB], 1),
        (8, 8 * GIB, [None], 1),
        (8, 8 * GIB, [None, GIB], 5),
        (8, None, [GIB], 1),
    ],
)
def test_there_is_room_for_one_container_more_than_processors_and_for_what_fits_into_memory(
    processors: int,
    free: int | None,
    peaks: list[int | None],
    lanes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)))
    monkeypatch.setattr("careen.tools.concurrency.available_memory", lambda: free)
    found, why = room(peaks, 5)
    assert found == lanes
    assert bool(why) is (processors > 1 and lanes < min(processors + 1, 5))


def test_the_reason_for_fewer_has_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr("careen.tools.concurrency.available_memory", lambda: 3 * GIB)
    assert room([2 * GIB], 3) == (
        1,
        "3,072 MiB of memory are available, and one container takes 2,048",
    )


def test_available_memory(tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text("MemTotal:       16000 kB\nMemAvailable:    1024 kB\n")
    assert available_memory(tmp_path / "meminfo") == 1024 * 1024
    assert available_memory(tmp_path / "none") is None
    (tmp_path / "odd").write_text("MemAvailable:\n")
    assert available_memory(tmp_path / "odd") is None
