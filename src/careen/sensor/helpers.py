"""A pool of helpers that stay loaded from one container to the next.

Loading the programs takes the kernel more than a tenth of a second.
"""

import contextlib
import threading
from collections.abc import Sequence

from careen.sensor.helper import Helper, HelperError
from careen.sensor.recording import Recording, read_recording


class Helpers:
    """Thread-safe pool of attached helpers, each with an empty trace."""

    def __init__(self, options: Sequence[str], keep: int) -> None:
        """`options` are for each helper; at most `keep` idle ones are kept."""
        self._arguments = ("--output", "{output}", *options)
        self._keep = keep
        self._idle: list[Helper] = []
        self._lock = threading.Lock()

    def take(self) -> Helper:
        """Return a helper that watches nothing yet; raise HelperError on failure."""
        while helper := self._next():
            try:
                helper.again()
            except HelperError:
                helper.close()
            else:
                return helper
        return Helper(self._arguments)

    def _next(self) -> Helper | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def finish(self, helper: Helper) -> Recording:
        """Detach a helper, return its recording and take it back.

        Raises ToolError; then the helper has ended.
        """
        try:
            helper.command("finish")
            with helper.trace() as stream:
                recording = read_recording(stream)
        except BaseException:
            helper.close()
            raise
        with self._lock:
            if len(self._idle) < self._keep:
                self._idle.append(helper)
                return recording
        helper.close()
        return recording

    def close(self) -> None:
        """End the idle helpers; idempotent."""
        with self._lock:
            idle, self._idle, self._keep = self._idle, [], 0
        with contextlib.ExitStack() as stack:
            for helper in idle:
                stack.callback(helper.close)
