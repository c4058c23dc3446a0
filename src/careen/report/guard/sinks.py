"""Where a guard's events go: lines of JSON, lines for people, metrics."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from careen.errors import InputError
from careen.model.runs.drift import Deviation, Drift, Guarded
from careen.report.guard import lines, words
from careen.report.guard.metrics import Watched, metrics
from careen.report.output_file import write_output
from careen.report.terminal_output.screen import shown

QUIET, BUSY = 10.0, 1.0
"""Seconds between two writings of the metrics, without news and with."""

LOSSES = 10.0
"""Seconds between two events of losses: a container can cause them without end."""


class Sinks:
    """The outputs of one watch."""

    def __init__(
        self, output: Path | None, metrics_file: Path | None, people: TextIO | None
    ) -> None:
        """Take note of them; `started` opens the file of events, to which is added."""
        self._output, self._metrics_file, self._people = output, metrics_file, people
        self._out: BinaryIO | None = sys.stdout.buffer if output is None else None
        self._guarded: Guarded | None = None
        self._drift: Callable[[], Drift] | None = None
        self._written, self._has_news, self._told = 0.0, True, float("-inf")

    def close(self) -> None:
        """Close the file of events, and say in the metrics that nobody watches any more."""
        try:
            if self._output is not None and self._out is not None:
                self._out.close()
        except OSError as error:
            raise _trouble(self._output, error) from error
        finally:
            if self._drift is not None:
                self._metrics(self._drift(), up=False)

    def started(self, guarded: Guarded, drift: Drift) -> None:
        """Write that the watch has begun, and what it cannot compare. Raises InputError."""
        self._guarded = guarded
        if self._output is not None:
            self._out = _appended(self._output)
        self._write(
            "start",
            guarded.started,
            image=lines.image_of(guarded.image),
            profiled_image=lines.image_of(guarded.profiled),
            not_compared=lines.not_compared(drift),
            notes=list(guarded.notes),
        )
        for text in words.start_lines(guarded, drift):
            self._say(text)
        self._drift = lambda: drift
        self._metrics(drift, up=True)

    def deviated(self, deviation: Deviation) -> None:
        """Write a deviation."""
        self._has_news = True
        self._write("deviation", deviation.at, **lines.members(deviation))
        self._say(words.deviation_line(deviation))

    def lost(self, drift: Drift) -> None:
        """Write how many events were lost so far, unless that was told a moment ago."""
        self._has_news = True
        if time.monotonic() - self._told < LOSSES:
            return
        self._told = time.monotonic()
        self._write("lost", time.time(), losses=lines.losses(drift))
        self._say(words.loss_line(drift))

    def tick(self, drift: Callable[[], Drift]) -> None:
        """Write the metrics, if it is time."""
        self._drift = drift
        pause = BUSY if self._has_news else QUIET
        if self._metrics_file is not None and time.monotonic() - self._written >= pause:
            self._metrics(drift(), up=True)

    def ended(self, drift: Drift, why: str) -> None:
        """Write the end, with all counts."""
        self._write("end", time.time(), reason=why, **lines.totals(drift))
        self._say(words.verdict_line(drift, why))
        self._drift = lambda: drift

    def _write(self, event: str, at: float, **more: Any) -> None:
        assert self._guarded is not None  # noqa: S101 — `started` comes first
        assert self._out is not None  # noqa: S101
        try:
            self._out.write(lines.line(event, at, self._guarded, **more))
            self._out.flush()
        except OSError as error:
            if self._output is None:
                raise
            raise _trouble(self._output, error) from error

    def _say(self, text: str) -> None:
        if self._people is not None:
            self._people.write(f"careen: {shown(text)}\n")
            self._people.flush()

    def _metrics(self, drift: Drift, *, up: bool) -> None:
        self._written, self._has_news = time.monotonic(), False
        if self._metrics_file is None or self._guarded is None:
            return
        watched = Watched(
            self._guarded.container,
            self._guarded.image.reference,
            self._guarded.started,
            time.time(),
            up,
        )
        write_output(self._metrics_file, metrics(watched, drift))


def _appended(path: Path) -> BinaryIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("ab")
    except OSError as error:
        raise _trouble(path, error) from error


def _trouble(path: Path | None, error: OSError) -> InputError:
    return InputError(
        f"writing events to {str(path)!r}: {error.strerror}; name another file with -o"
    )
