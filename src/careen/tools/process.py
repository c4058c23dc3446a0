"""Run outside programs: time limits, bounded output, and errors that name the package."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from careen.errors import ToolError
from careen.tools.stragglers import VARIABLE, end_marked, new_mark

TAIL = 16 * 1024 * 1024
SLICE = 1.0


@dataclass(frozen=True, slots=True)
class Finished:
    """The result of a program: its status (None after the time limit) and its output.

    `stdout` and `stderr` are the last 16 MiB each.
    """

    status: int | None
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        return self.stdout.decode("utf-8", "replace")

    @property
    def complaint(self) -> str:
        """The last line that is not blank, of stderr or else stdout, for an error message."""
        for stream in (self.stderr, self.stdout):
            lines = [
                line.strip()
                for line in stream.decode("utf-8", "replace").splitlines()
                if line.strip()
            ]
            if lines:
                return lines[-1][:500]
        return "no output"


@dataclass(frozen=True, slots=True)
class Supervision:
    """Options for a program that is not careen's own, such as a test.

    Everything that it leaves running is ended with it, in any process group. About once a second
    `until` is called; when it returns true, the program is ended. Without `strays` nobody looks for
    what left the process group: that takes longer than a short program.
    """

    until: Callable[[], bool] | None = None
    strays: bool = True


@dataclass(frozen=True, slots=True)
class Program:
    """An outside program: its possible names and the package that contains it."""

    names: tuple[str, ...]
    package: str

    def path(self) -> str | None:
        """Return the path of the first name on PATH or in the sbin directories, or None."""
        search = os.pathsep.join(
            (os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin")
        )
        return next(
            (found for found in (shutil.which(name, path=search) for name in self.names) if found),
            None,
        )

    def require(self) -> str:
        """Return its path; raise ToolError with the package to install if it is missing."""
        found = self.path()
        if found is None:
            msg = (
                f"{self.names[0]}: not found on this machine; install it (for example `apt-get"
                f" install {self.package}`)"
            )
            raise ToolError(msg)
        return found


def collect(stream: IO[bytes], into: list[bytes], size: int = 65536) -> None:
    """Read `stream` to its end and keep the last 16 MiB in `into`.

    Each chunk is in `into` as soon as it is read.
    """
    held = 0
    while chunk := os.read(stream.fileno(), size):
        # A program that writes byte by byte must not make millions of pieces.
        if into and len(into[-1]) + len(chunk) <= size:
            into[-1] += chunk
        else:
            into.append(chunk)
        held += len(chunk)
        while held - len(into[0]) > TAIL:
            held -= len(into.pop(0))


def end_group(process: "subprocess.Popen[bytes]", grace: float = 2.0) -> None:
    """End a process and its group: SIGTERM, then SIGKILL after `grace` seconds.

    The process must lead its own session. Processes that may not be signalled (children of sudo) or
    that hang in the kernel (on a dead file server) are left behind.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)


def _wait(
    process: "subprocess.Popen[bytes]", timeout: float, until: Callable[[], bool] | None
) -> int | None:
    """Wait for the exit status; return None after `timeout` or when `until` returns true."""
    deadline = time.monotonic() + timeout
    while True:
        left = max(deadline - time.monotonic(), 0.0)
        try:
            return process.wait(left if until is None else min(left, SLICE))
        except subprocess.TimeoutExpired:
            if left <= SLICE or until is None or until():
                return None


def run(
    argv: Sequence[str],
    *,
    timeout: float,
    stdin: IO[bytes] | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    supervision: Supervision | None = None,
) -> Finished:
    """Run `argv` in its own session without a terminal and return its status and output.

    After `timeout` seconds its process group is ended and `status` is None. An exception (Ctrl-C)
    ends it, too. Raises ToolError if it cannot be started.
    """
    mark = new_mark() if supervision and supervision.strays else ""
    if mark:
        env = {**(os.environ if env is None else env), VARIABLE: mark}
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=stdin if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            start_new_session=True,
        )
    except OSError as error:
        msg = f"{argv[0]}: cannot be started: {error.strerror}"
        raise ToolError(msg) from error
    out: list[bytes] = []
    err: list[bytes] = []
    # both are pipes, see above
    assert process.stdout is not None and process.stderr is not None  # noqa: PT018
    readers = [
        threading.Thread(target=collect, args=pair, daemon=True)
        for pair in ((process.stdout, out), (process.stderr, err))
    ]
    for reader in readers:
        reader.start()
    status: int | None = None
    try:
        status = _wait(process, timeout, supervision.until if supervision else None)
        if status is None:
            end_group(process)
    except BaseException:
        end_group(process)
        raise
    finally:
        if mark:
            end_marked(mark)
        # A grandchild may hold the pipes open after the program has ended: wait 5 seconds only.
        for reader in readers:
            reader.join(5.0)
        for stream in (process.stdout, process.stderr):
            if not any(reader.is_alive() for reader in readers):
                stream.close()
    return Finished(status, b"".join(out), b"".join(err))


def check(
    argv: Sequence[str], *, timeout: float, stdin: IO[bytes] | None = None, doing: str
) -> Finished:
    """Run a program and raise ToolError unless it exits 0.

    `doing` says in the message what careen was doing ("loading the image into docker").
    """
    done = run(argv, timeout=timeout, stdin=stdin)
    if done.status is None:
        msg = f"{doing}: {argv[0]} did not finish in {timeout:g} s and was ended"
        raise ToolError(msg)
    if done.status != 0:
        msg = f"{doing}: {argv[0]} failed ({done.status}): {done.complaint}"
        raise ToolError(msg)
    return done
