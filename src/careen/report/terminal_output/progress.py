"""Progress output: a live line on a terminal, plain lines elsewhere, or nothing."""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO

from rich.console import Console
from rich.text import Text

from careen.model.runs.meter import Meter
from careen.report.terminal_output.figures import duration, moved
from careen.report.terminal_output.screen import Signs, open_console, shown, signs_of

HEARTBEAT = 10.0


class Stage(Protocol):
    """A running stage, and its duration afterwards."""

    @property
    def seconds(self) -> float:
        """Seconds since its start; after its end, its duration."""

    def say(self, what: str, meter: Meter | None = None) -> None:
        """Show the current activity (a short phrase, `waiting for readiness`).

        `meter` counts its bytes. Cheap: may be called often, from any thread.
        """


class Progress(Protocol):
    """Display of stages, which may follow each other but not overlap."""

    def stage(self, name: str) -> AbstractContextManager[Stage]:
        """Show and time a stage for the length of the `with` block.

        An exception propagates, and the stage is marked as failed.
        """

    def note(self, text: str) -> None:
        """Show one line that stays visible (a warning, for example)."""


class Stopwatch:
    """A stage that only measures time."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._end: float | None = None

    @property
    def seconds(self) -> float:
        return (time.monotonic() if self._end is None else self._end) - self._start

    def say(self, what: str, meter: Meter | None = None) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Stop measuring. Idempotent."""
        if self._end is None:
            self._end = time.monotonic()


class SilentProgress:
    """Progress that measures time and shows nothing."""

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:  # noqa: ARG002 — the port's signature
        """Measure the block."""
        watch = Stopwatch()
        try:
            yield watch
        finally:
            watch.end()

    def note(self, text: str) -> None:
        """Do nothing: notes are in the summary too."""


class Activity:
    """What a stage is doing, since when, and the bytes that it has moved since then."""

    def __init__(self, what: str = "", meter: Meter | None = None) -> None:
        self.what, self._meter = what, meter
        self._start = time.monotonic()
        self._moved, self._expected = (meter.moved, meter.expected) if meter else (0, 0)

    @property
    def seconds(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self._start

    def figures(self, seconds: float) -> str:
        """Return the bytes, if there are any, and a time."""
        if self._meter is None or self._meter.moved == self._moved:
            return duration(seconds)
        done = self._meter.moved - self._moved
        return f"{moved(done, self._meter.expected - self._expected)}, {duration(seconds)}"


class PlainStage(Stopwatch):
    """A stage that prints a line on each change, and after `heartbeat` seconds without one."""

    def __init__(self, name: str, stream: TextIO, heartbeat: float) -> None:
        super().__init__()
        self._name, self._stream = name, stream
        self._activity = Activity()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._beat = threading.Thread(target=self._beats, args=(heartbeat,), daemon=True)
        self._beat.start()

    def say(self, what: str, meter: Meter | None = None) -> None:
        """Print the activity, unless it is unchanged."""
        with self._lock:
            if what == self._activity.what or self._ended.is_set():
                return
            self._activity = Activity(what, meter)
        self.line(f"{shown(what)}…")

    def finish(self, word: str) -> None:
        """End the stage with a last line."""
        self.end()
        self._ended.set()
        self._beat.join()
        self.line(f"{word} in {duration(self.seconds)}")

    def line(self, text: str) -> None:
        """Print one line of this stage in the stream's encoding."""
        _write(self._stream, f"careen: {self._name}: {text}")

    def _beats(self, heartbeat: float) -> None:
        now, due = self._activity, heartbeat
        while not self._ended.wait(due - now.seconds):
            if now is not self._activity:
                now, due = self._activity, heartbeat
            elif now.seconds >= due:
                self.line(f"{shown(now.what) or 'working'}… {now.figures(now.seconds)}")
                due = now.seconds + heartbeat


def _write(stream: TextIO, text: str) -> None:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    if not encoding.lower().replace("-", "").startswith("utf"):
        text = text.replace("…", "...").encode("ascii", "backslashreplace").decode()
    stream.write(text + "\n")
    stream.flush()


class PlainProgress:
    """Progress as plain lines, for logs and CI.

    `heartbeat` is the seconds after which the line of an activity is repeated, with its time.
    """

    def __init__(self, stream: TextIO, heartbeat: float = HEARTBEAT) -> None:
        self._stream, self._heartbeat = stream, heartbeat

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Print a line at the start, on each change and at the end."""
        stage = PlainStage(name, self._stream, self._heartbeat)
        stage.line("start")
        try:
            yield stage
        except BaseException:
            stage.finish("failed")
            raise
        stage.finish("done")

    def note(self, text: str) -> None:
        """Print the line."""
        _write(self._stream, f"careen: {shown(text)}")


class LiveStage(Stopwatch):
    """A stage shown as one line of a terminal, which is drawn again and again."""

    def __init__(self, name: str, signs: Signs) -> None:
        super().__init__()
        self._name, self._signs = name, signs
        self._activity = Activity()

    def say(self, what: str, meter: Meter | None = None) -> None:
        """Replace the shown activity."""
        if what != self._activity.what:
            self._activity = Activity(what, meter)

    def __rich__(self) -> Text:
        now = self._activity
        what = f": {shown(now.what, self._signs)}" if now.what else ""
        line = Text(f"{self._name}{what}", overflow="ellipsis", no_wrap=True)
        return line.append(f"  {now.figures(self.seconds)}", "dim")


class LiveProgress:
    """Progress as a spinner during a stage, and a line with its duration afterwards."""

    def __init__(self, console: Console) -> None:
        self._console, self._signs = console, signs_of(console)

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Show the spinner for the length of the block."""
        spinner = "dots" if self._signs.arrow == "→" else "line"
        mark, style = self._signs.cross, "red"
        stage = LiveStage(name, self._signs)
        with self._console.status(stage, spinner=spinner):
            try:
                yield stage
                mark, style = self._signs.tick, "green"
            finally:
                stage.end()
                self._console.print(
                    Text.assemble(
                        (mark, style), f" {name}", (f"  {duration(stage.seconds)}", "dim")
                    )
                )

    def note(self, text: str) -> None:
        """Print the line above the spinner."""
        self._console.print(Text(shown(text, self._signs), style="yellow", overflow="fold"))


def open_progress(stream: TextIO) -> Progress:
    """Return live progress for a terminal, else plain lines."""
    console = open_console(stream)
    return (
        LiveProgress(console)
        if console.is_terminal and not console.is_dumb_terminal
        else PlainProgress(stream)
    )
