"""A process of careen's own beside this one, which computes what this one will need.

It takes jobs, each with open files, and gives one answer to each. It ends with this process,
however that ends: its jobs come from a socket whose other end only this process has.
"""

import contextlib
import fcntl
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

MAX_JOB = 4096  # bytes; a job is one packet
MAX_FILES = 8  # of one job
_MAX_ANSWER = 64 << 20
_SIZE = struct.Struct("!I")
_PIECE = 1 << 20
_ROOM = 1 << 20  # bytes of answers that nobody took yet
# The process has the module search path of this one, whatever its working directory.
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from {} import main; main()"

Answer = Callable[[bytes, Sequence[int]], bytes]
"""Return the answer to a job; it may raise any exception. The caller closes the files."""


class Beside:
    """The process; the function `main` of `module` calls `answer_jobs` in it.

    Raises OSError if it cannot be started. Close it, or use it as a context manager.
    """

    def __init__(self, module: str) -> None:
        self._jobs, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                # In a session of its own it gets no Ctrl-C; it ends when this process does.
                self._process = subprocess.Popen(
                    [sys.executable, "-c", _START.format(module), json.dumps(sys.path)],
                    stdin=theirs.fileno(),
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except BaseException:
                self._jobs.close()
                raise
        if self._process.stdout is None:
            raise AssertionError(module)
        self._answers = self._process.stdout
        with contextlib.suppress(OSError):  # the user's pipes may be limited
            fcntl.fcntl(self._answers, fcntl.F_SETPIPE_SZ, _ROOM)
        self._read = bytearray()
        self.running = 0
        """Jobs without an answer."""
        self.ended = False
        """Whether it has ended, so that no answer comes any more."""

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, job: bytes, files: Sequence[int]) -> bool:
        """Hand over a job of at most MAX_JOB bytes and MAX_FILES files.

        Returns False if the process takes none now.
        """
        try:
            socket.send_fds(self._jobs, [job], files, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except BlockingIOError:
            return False
        except OSError:
            self.ended = True
            return False
        self.running += 1
        return True

    def answers(self, *, wait: bool) -> list[bytes]:
        """Return the answers that came, in the order of the jobs; with `wait` at least one.

        Empty if the process has ended.
        """
        out: list[bytes] = []
        while self.running and not self.ended:
            ready, _, _ = select.select([self._answers], [], [], None if wait and not out else 0)
            if not ready:
                break
            data = os.read(self._answers.fileno(), _PIECE)
            self.ended = not data
            self._read += data
            new = self._whole()
            self.running -= len(new)
            out += new
        return out

    def _whole(self) -> list[bytes]:
        out: list[bytes] = []
        at = 0
        while len(self._read) - at >= _SIZE.size:
            (size,) = _SIZE.unpack_from(self._read, at)
            if size > _MAX_ANSWER:
                self.ended = True
                break
            end = at + _SIZE.size + size
            if end > len(self._read):
                break
            out.append(bytes(self._read[at + _SIZE.size : end]))
            at = end
        del self._read[:at]
        return out

    def close(self) -> None:
        """End the process, and wait until it has ended."""
        self.ended = True
        self._jobs.close()
        self._process.kill()
        self._process.wait()
        self._answers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def other_processors() -> int:
    """Return how many processors this process may use, without one for itself."""
    return len(os.sched_getaffinity(0)) - 1


def answer_jobs(answer: Answer) -> None:
    """Answer jobs until there are no more; this is what a process beside another one does.

    The answer to a job that fails is empty.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    with jobs, open(sys.stdout.fileno(), "wb", closefd=False) as answers:
        while True:
            job, files, _, _ = socket.recv_fds(jobs, MAX_JOB, MAX_FILES)
            if not job:
                return
            found = b""
            try:
                found = answer(job, files)
            # Whoever asked computes it again, and meets the same exception.
            except Exception:  # noqa: BLE001, S110
                pass
            finally:
                for each in files:
                    os.close(each)
            if len(found) > _MAX_ANSWER:
                found = b""
            with contextlib.suppress(BrokenPipeError):
                answers.write(_SIZE.pack(len(found)) + found)
                answers.flush()
