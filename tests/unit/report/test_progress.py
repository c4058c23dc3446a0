"""Progress: what a log gets to read, and that stages measure."""

import io
import re
import threading
import time
from collections.abc import Iterator

import pytest
from rich.console import Console

from careen.model.runs.meter import Meter
from careen.report.terminal_output.progress import (
    LiveProgress,
    LiveStage,
    PlainProgress,
    Progress,
    SilentProgress,
    open_progress,
)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    made = Clock()
    monkeypatch.setattr("careen.report.terminal_output.progress.time.monotonic", made)
    yield made
    monkeypatch.undo()


def test_plain_lines_tell_each_change_once_and_how_long_it_took(clock: Clock) -> None:
    stream = io.StringIO()
    with PlainProgress(stream, heartbeat=60).stage("profile") as stage:
        stage.say("waiting for readiness")
        stage.say("waiting for readiness")
        clock.now += 61.5
        stage.say("running tests")
    assert stage.seconds == 61.5
    assert stream.getvalue().splitlines() == [
        "careen: profile: start",
        "careen: profile: waiting for readiness…",
        "careen: profile: running tests…",
        "careen: profile: done in 1 min 02 s",
    ]


def test_a_long_silence_is_broken_by_signs_of_life() -> None:
    stream = io.StringIO()
    with PlainProgress(stream, heartbeat=0.02).stage("strip") as stage:
        stage.say("writing layers")
        deadline = time.monotonic() + 10
        while (
            len(
                re.findall(
                    r"^careen: strip: writing layers… \d+\.\d s$", stream.getvalue(), re.MULTILINE
                )
            )
            < 2
        ):
            assert time.monotonic() < deadline, "no sign of life"
            time.sleep(0.01)
    quiet = stream.getvalue()
    time.sleep(0.1)
    assert stream.getvalue() == quiet, "a stage that has ended must be silent"


def test_a_sign_of_life_is_about_its_activity_alone(clock: Clock) -> None:
    stream = io.StringIO()
    with PlainProgress(stream, heartbeat=0.02).stage("profile") as stage:
        clock.now += 9.5
        stage.say("stopping (up to 2 s)")
        time.sleep(0.2)  # the thread wakes several times, and no second passes for it
        assert stream.getvalue().splitlines()[1:] == ["careen: profile: stopping (up to 2 s)…"]
        clock.now += 1.5
        deadline = time.perf_counter() + 10
        while "stopping (up to 2 s)… 1.5 s\n" not in stream.getvalue():
            assert time.perf_counter() < deadline, stream.getvalue()
            time.sleep(0.01)


def test_signs_of_life_tell_the_bytes_of_the_activity() -> None:
    stream, meter = io.StringIO(), Meter()
    meter.move(5_000_000)  # of an earlier activity
    with PlainProgress(stream, heartbeat=0.02).stage("inspect") as stage:
        stage.say("reading ./image.tar", meter)
        meter.expect(2_400_000_000)
        meter.move(1_200_000_000)
        deadline = time.monotonic() + 10
        sign = r"reading \./image\.tar… 1\.20 GB of 2\.40 GB, \d+\.\d s"
        while not re.search(sign, stream.getvalue()):
            assert time.monotonic() < deadline, stream.getvalue()
            time.sleep(0.01)


def test_a_terminal_shows_bytes_and_seconds_as_they_pass(clock: Clock) -> None:
    console, meter = Console(file=io.StringIO(), force_terminal=True, width=60), Meter()
    with LiveProgress(console).stage("strip") as stage:
        assert isinstance(stage, LiveStage)
        assert stage.__rich__().plain == "strip  0.0 s"
        stage.say("writing the layers", meter)
        clock.now += 3
        meter.move(250_000)
        assert stage.__rich__().plain == "strip: writing the layers  250 kB, 3.0 s"


@pytest.mark.parametrize(
    "make",
    [
        lambda: PlainProgress(io.StringIO()),
        SilentProgress,
        lambda: LiveProgress(Console(file=io.StringIO())),
    ],
)
def test_an_exception_passes_and_the_stage_is_measured(
    make: type[SilentProgress], clock: Clock
) -> None:
    progress: Progress = make()
    seen = []

    def fail() -> None:
        with progress.stage("verify") as stage:
            seen.append(stage)
            clock.now += 2
            msg = "the test failed"
            raise ValueError(msg)

    with pytest.raises(ValueError, match="the test failed"):
        fail()
    clock.now += 100
    assert seen[0].seconds == 2


def test_a_failed_stage_says_so(clock: Clock) -> None:
    stream = io.StringIO()

    def fail() -> None:
        with PlainProgress(stream).stage("verify"):
            clock.now += 3
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert stream.getvalue() == "careen: verify: start\ncareen: verify: failed in 3.0 s\n"


def test_names_from_an_image_cannot_steer_the_terminal() -> None:
    plain, live = io.StringIO(), io.StringIO()
    for progress in (
        PlainProgress(plain),
        LiveProgress(Console(file=live, force_terminal=True, color_system=None, width=80)),
    ):
        with progress.stage("inspect") as stage:
            stage.say("reading \x1b]0;owned\x07")
        progress.note("skipped \x1b[2J")
    assert "\x1b" not in plain.getvalue()
    assert "\x1b]0;owned" not in live.getvalue()
    assert "\x1b[2J" not in live.getvalue()
    assert "skipped \\x1b[2J" in live.getvalue()


def test_a_stream_that_cannot_show_the_ellipsis_gets_dots() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    with PlainProgress(stream).stage("plan") as stage:
        stage.say("deciding über alles")
    stream.flush()
    assert b"careen: plan: deciding \\xfcber alles...\n" in raw.getvalue()
    stream.close()


def test_live_shows_each_stage_with_its_length_afterwards(clock: Clock) -> None:
    stream = io.StringIO()
    progress = LiveProgress(Console(file=stream, force_terminal=True, color_system=None, width=80))
    for name, seconds in (("inspect", 1.5), ("plan", 0.25)):
        with progress.stage(name):
            clock.now += seconds
    lines = [
        line.strip()
        for line in re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "\n", stream.getvalue())
        .replace("\r", "\n")
        .splitlines()
    ]
    assert [line for line in lines if line.startswith("✓")] == ["✓ inspect  1.5 s", "✓ plan  0.2 s"]


def test_silent_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    progress = SilentProgress()
    with progress.stage("plan") as stage:
        stage.say("x")
    progress.note("y")
    assert capsys.readouterr() == ("", "")


def test_what_is_no_terminal_gets_plain_lines() -> None:
    stream = io.StringIO()
    progress = open_progress(stream)
    with progress.stage("plan"):
        pass
    progress.note("the kernel has no BTF")
    first, second, third = stream.getvalue().splitlines()
    assert (first, third) == ("careen: plan: start", "careen: the kernel has no BTF")
    assert re.fullmatch(r"careen: plan: done in \d+\.\d s", second)


def test_stages_from_threads_do_not_mix_their_lines() -> None:
    stream = io.StringIO()
    with PlainProgress(stream, heartbeat=0.001).stage("profile") as stage:

        def talk(number: int) -> None:
            for i in range(50):
                stage.say(f"step {number}.{i}")

        threads = [threading.Thread(target=talk, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    said = [
        line
        for line in stream.getvalue().splitlines()
        if re.fullmatch(r"careen: profile: step \d\.\d+…", line)
    ]
    assert len(said) == len(set(said)) == 200
    assert [
        line for line in stream.getvalue().splitlines() if not line.startswith("careen: profile: ")
    ] == []
