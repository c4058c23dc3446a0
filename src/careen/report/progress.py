"""Say what is going on while it goes on: a live line on a terminal, plain lines elsewhere, nothing
for `--quiet` and `--json`.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO

from rich.console import Console
from rich.status import Status
from rich.text import Text

from careen.report.figures import duration
from careen.report.screen import Signs, open_console, shown, signs_of

HEARTBEAT = 10.0


class Stage(Protocol):
    """One stage while it runs, and its length afterwards."""

    @property
    def seconds(self) -> float:
        """The time since its start; once it has ended, its length."""

    def say(self, what: str) -> None:
        """Say what it is about now (a short phrase, `waiting for readiness`). Cheap: may be called
        often, from any thread.
        """


class Progress(Protocol):
    """Where stages are announced. Stages may follow each other, not overlap."""

    def stage(self, name: str) -> AbstractContextManager[Stage]:
        """Announce a stage for the length of the `with` block and measure it; an exception passes
        through and is marked as a failure.
        """

    def note(self, text: str) -> None:
        """Say one line that stays visible (a warning, for example)."""


class Stopwatch:
    """A stage that only measures."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._end: float | None = None

    @property
    def seconds(self) -> float:
        return (time.monotonic() if self._end is None else self._end) - self._start

    def say(self, what: str) -> None:
        """Nothing to say."""

    def end(self) -> None:
        """Stop measuring. Idempotent."""
        if self._end is None:
            self._end = time.monotonic()


class SilentProgress:
    """Measures and says nothing."""

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:  # noqa: ARG002 — the port's signature
        """Measure the block."""
        watch = Stopwatch()
        try:
            yield watch
        finally:
            watch.end()

    def note(self, text: str) -> None:
        """Nothing is shown: notes are in the summary too."""


class PlainStage(Stopwatch):
    """Prints a line when what it is about changes, and every 10 seconds as a sign of life."""

    def __init__(self, name: str, stream: TextIO, heartbeat: float) -> None:
        super().__init__()
        self._name, self._stream = name, stream
        self._what = ""
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._beat = threading.Thread(target=self._beats, args=(heartbeat,), daemon=True)
        self._beat.start()

    def say(self, what: str) -> None:
        """Print it, unless it was the last thing said."""
        with self._lock:
            if what == self._what or self._ended.is_set():
                return
            self._what = what
        self.line(f"{shown(what)}…")

    def finish(self, word: str) -> None:
        """End the stage with a last line."""
        self.end()
        self._ended.set()
        self._beat.join()
        self.line(f"{word} in {duration(self.seconds)}")

    def line(self, text: str) -> None:
        """Print one line of this stage, in the encoding that the stream has."""
        _write(self._stream, f"careen: {self._name}: {text}")

    def _beats(self, heartbeat: float) -> None:
        while not self._ended.wait(heartbeat):
            self.line(f"{shown(self._what) or 'working'}… {duration(self.seconds)}")


def _write(stream: TextIO, text: str) -> None:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    if not encoding.lower().replace("-", "").startswith("utf"):
        text = text.replace("…", "...").encode("ascii", "backslashreplace").decode()
    stream.write(text + "\n")
    stream.flush()


class PlainProgress:
    """Lines, for logs and CI. `heartbeat` is the number of seconds between signs of life."""

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
    """Keeps one line of a terminal up to date."""

    def __init__(self, name: str, status: Status, signs: Signs) -> None:
        super().__init__()
        self._name, self._status, self._signs = name, status, signs

    def say(self, what: str) -> None:
        """Show it instead of what was shown before."""
        self._status.update(
            Text(f"{self._name}: {shown(what, self._signs)}", overflow="ellipsis", no_wrap=True)
        )


class LiveProgress:
    """A spinner with the stage's name while it runs, a line with its length afterwards."""

    def __init__(self, console: Console) -> None:
        self._console, self._signs = console, signs_of(console)

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Show the spinner for the length of the block."""
        spinner = "dots" if self._signs.arrow == "→" else "line"
        mark, style = self._signs.cross, "red"
        with self._console.status(Text(name), spinner=spinner) as status:
            stage = LiveStage(name, status, self._signs)
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
    """Return what fits the stream: live on a terminal, plain lines elsewhere."""
    console = open_console(stream)
    return (
        LiveProgress(console)
        if console.is_terminal and not console.is_dumb_terminal
        else PlainProgress(stream)
    )
