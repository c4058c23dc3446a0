"""The `careen-sensor` process: line-based commands; it ends when its standard input closes."""

import contextlib
import os
import platform
import re
import selectors
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, BinaryIO

from careen.errors import ToolError

ANSWER_LIMIT = 60.0
_ERROR = re.compile(r"error (.*): (\d+) (.*)", re.DOTALL)


class HelperError(ToolError):
    """The helper refused a command; `errno` is the kernel's reason, or 0."""

    def __init__(self, message: str, errno: int = 0) -> None:
        super().__init__(message)
        self.errno = errno


def helper_path() -> Path:
    """Return the path of the compiled helper for this architecture, which may not exist."""
    return Path(__file__).parent / "bin" / platform.machine() / "careen-sensor"


class Helper:
    """A running helper.

    The trace goes to an unlinked temporary file, so that it neither blocks nor leaves anything
    behind.
    """

    def __init__(self, arguments: Sequence[str] = ("--output", "{output}")) -> None:
        """Start it and wait until everything is attached; raise HelperError on failure.

        `{output}` in `arguments` stands for the trace's descriptor.
        """
        # `close` closes it
        self._trace: IO[bytes] = tempfile.TemporaryFile(prefix="careen-trace-")  # noqa: SIM115
        fd = self._trace.fileno()
        try:
            self._process = subprocess.Popen(
                [
                    str(helper_path()),
                    *(str(fd) if word == "{output}" else word for word in arguments),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=(fd,),
                start_new_session=True,
            )
        except OSError as error:
            self._trace.close()
            msg = f"{helper_path()}: cannot be started: {error.strerror}"
            raise HelperError(msg, error.errno or 0) from error
        try:
            self.variant = self._answer("start").removeprefix("ready ")
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def _answer(self, doing: str) -> str:
        """Return one line of its output within the limit; raise HelperError for an `error` line."""
        assert self._process.stdout is not None  # noqa: S101 — a pipe, asked for above
        out = self._process.stdout.fileno()
        line = b""
        deadline = time.monotonic() + ANSWER_LIMIT
        with selectors.DefaultSelector() as selector:
            selector.register(out, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    msg = f"sensor: no answer to {doing!r} in {ANSWER_LIMIT:g} s"
                    raise HelperError(msg)
                got = os.read(out, 4096)
                if not got:
                    msg = f"sensor: the helper ended at {doing!r} (status {self._process.wait()})"
                    raise HelperError(msg)
                line += got
        text = line.decode(errors="replace").strip()
        refused = _ERROR.fullmatch(text)
        if refused:
            what, number, reason = refused.groups()
            msg = f"sensor: {what}: {reason}"
            raise HelperError(msg, int(number))
        return text

    def command(self, line: str) -> str:
        """Send a command, wait for `ok` and return the rest of that line.

        Raises HelperError.
        """
        assert self._process.stdin is not None  # noqa: S101 — a pipe, asked for above
        try:
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError as error:
            msg = f"sensor: the helper ended before {line!r} (status {self._process.wait()})"
            raise HelperError(msg) from error
        return self._answer(line).removeprefix("ok").lstrip()

    def again(self) -> None:
        """Empty the trace and attach again after `finish`; raise HelperError on failure."""
        self.empty()
        self.command("again")

    def empty(self) -> None:
        """Empty the trace, while the helper writes nothing."""
        os.ftruncate(self._trace.fileno(), 0)
        # the helper writes through the same open file description
        os.lseek(self._trace.fileno(), 0, os.SEEK_SET)

    def trace(self) -> BinaryIO:
        """Return a stream of the trace so far, from its beginning; the caller closes it."""
        # another open file description of an unlinked file
        return open(f"/proc/self/fd/{self._trace.fileno()}", "rb")  # noqa: PTH123

    def close(self) -> None:
        """Close its standard input, which ends it; kill it if it does not end; idempotent."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        try:
            self._process.wait(10.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._trace.close()
