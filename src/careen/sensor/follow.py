"""A watch of a running container that is read while the container runs, for as long as it runs."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace

from careen.model.runs.news import News
from careen.sensor.helper import Helper
from careen.sensor.live import LiveDecoder
from careen.sensor.wire import FrameFeed

FULL = 0.5
"""Share of the sensor's tables at which they are emptied."""

_CHUNK = 1 << 20


class FollowWatch:
    """A watch with one helper, whose trace is read as it comes and emptied before it is full."""

    def __init__(self, helper: Helper, decoder: LiveDecoder) -> None:
        """Take a helper that is attached to a container; it ends with the watch."""
        self._helper, self._decoder = helper, decoder
        self._stream = helper.trace()
        self._feed = FrameFeed()

    def news(self) -> Iterator[News]:
        """Yield what was seen since the last call, in parts; the caller takes them all.

        Raises ToolError if the sensor died.
        """
        self._helper.command("look")
        yield from self._read(final=False)
        if int(self._helper.command("used")) >= FULL * 1000:
            yield from self._turn()

    def _turn(self) -> Iterator[News]:
        """Empty the sensor's tables and its trace, so that neither grows with the time."""
        self._helper.command("pause")
        yield from self._read(final=False)
        self._helper.empty()
        self._stream.seek(0)
        self._helper.command("forget")
        yield from self._read(final=True)

    def finish(self) -> Iterator[News]:
        """Stop watching and yield what was seen since the last call, with all final counts.

        Raises ToolError if the sensor died.
        """
        self._helper.command("finish")
        yield from self._read(final=True)
        self.close()

    def close(self) -> None:
        """End the watch; nothing stays in the kernel; idempotent."""
        with contextlib.closing(self._stream):
            self._helper.close()

    def _read(self, *, final: bool) -> Iterator[News]:
        while data := os.read(self._stream.fileno(), _CHUNK):
            news = self._decoder.take(self._feed.take(data), final=final)
            yield news if self._helper.variant == "full" else self._with_unwatched(news)

    def _with_unwatched(self, news: News) -> News:
        rings = self._decoder.counters.get("urings", 0)
        return replace(news, losses={**news.losses, "uring_unwatched": rings})
