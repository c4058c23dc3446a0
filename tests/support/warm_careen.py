"""careen in a process of its own that is forked from one which has imported it all: imports are
most of what a short command costs.

    ended = warm(words, folder, environment, seconds)
    with begun(words, folder, environment, out, err) as running:
        os.kill(running.pid, …)
        status = running.status(seconds)

One server runs for each process of the tests, and ends with it. A command differs from one that is
started afresh in its imports alone: arguments, environment, working directory and both outputs are
its own, and its end is the interpreter's.
"""

import array
import atexit
import ctypes
import gc
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess

_HOME = Path(__file__).parents[2]
_REQUEST = 8 << 20
_SET_DUMPABLE = 4
# nobody waits for the server: a warning, where nothing holds it
_RUNNING: "list[subprocess.Popen[bytes]]" = []
_STARTING = threading.Lock()
_AT_START = ("PYTHON", "LC_", "LANG", "MALLOC", "LD_")
"""Variables that an interpreter reads once, at its start."""


def can_be_warm(environment: Mapping[str, str]) -> bool:
    """Say whether the environment is one that a forked interpreter can take over."""
    return at_start(environment) == _server()[1]


def at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that an interpreter reads once, at its start."""
    return {key: value for key, value in environment.items() if key.startswith(_AT_START)}


@dataclass(frozen=True, slots=True)
class User:
    """Who a command runs as, instead of the user of the tests."""

    uid: int
    groups: tuple[int, ...] = ()


def warm(
    words: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    seconds: float,
    user: User | None = None,
) -> "CompletedProcess[str]":
    """Run `careen WORDS` to its end. Raises subprocess.TimeoutExpired, as `subprocess.run`."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with begun(words, folder, environment, out.fileno(), err.fileno(), user) as running:
            status = running.status(seconds)
        texts = [_text(stream.fileno()) for stream in (out, err)]
    return CompletedProcess(["careen", *words], status, *texts)


@dataclass(frozen=True, slots=True)
class Running:
    """A command that was begun."""

    pid: int
    argv: Sequence[str]
    line: socket.socket

    def has_ended(self) -> bool:
        return bool(select.select([self.line], [], [], 0)[0])

    def status(self, seconds: float) -> int:
        """Wait for its end; return its exit status, or the negative number of the signal that ended
        it. Raises subprocess.TimeoutExpired.
        """
        if not select.select([self.line], [], [], seconds)[0]:
            raise subprocess.TimeoutExpired(self.argv, seconds)
        return int(self.line.recv(100) or b"255")


@contextmanager
def begun(
    words: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    out: int,
    err: int,
    user: User | None = None,
) -> Iterator[Running]:
    """Run `careen WORDS`, with descriptors for its outputs; it is killed if it has not ended by the
    end of the block.
    """
    argv = ["careen", *words]
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(_server()[0])
        umask = os.umask(0o77)
        os.umask(umask)
        who = None if user is None else (user.uid, user.groups)
        request = json.dumps([argv, str(folder), dict(environment), umask, who]).encode(
            "utf-8", "surrogateescape"
        )
        descriptors = array.array("i", [out, err])
        line.sendmsg(
            [len(request).to_bytes(4)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)]
        )
        line.sendall(request)
        pid = line.recv(4, socket.MSG_WAITALL)
        if len(pid) != 4:  # 0 would stand for this very process group
            msg = "the server of warm starts has ended"
            raise RuntimeError(msg)
        yield Running(int.from_bytes(pid), argv, line)


def _text(fd: int) -> str:
    return os.pread(fd, os.fstat(fd).st_size, 0).decode("utf-8").replace("\r\n", "\n")


def _server() -> tuple[str, dict[str, str]]:
    """Start the server of this process, once; it ends when the pipe to it does. Return its address,
    and the variables that it read at its start.
    """
    with _STARTING:
        return _started()


@cache
def _started() -> tuple[str, dict[str, str]]:
    name = f"\0careen-warm-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        alive, ours = os.pipe()
        command = [
            sys.executable,
            "-m",
            "tests.support.warm_careen",
            str(listener.fileno()),
            str(alive),
        ]
        _RUNNING.append(
            subprocess.Popen(
                command,
                cwd=_HOME,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(listener.fileno(), alive),
            )
        )
        os.close(alive)
        os.set_inheritable(ours, False)
    return name, at_start(os.environ)


def _serve(listener: socket.socket, alive: int) -> None:
    """Fork a process for each request until nobody is there to ask. It returns in the process that
    is to be careen, with `sys.argv` set.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        ready, _, _ = select.select([listener.fileno(), alive], [], [])
        if alive in ready:
            os._exit(0)
        line, _ = listener.accept()
        if os.fork():
            line.close()
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        listener.close()
        os.close(alive)
        if _answered(line):
            return


def _answered(line: socket.socket) -> bool:
    """Fork the command and tell its status; return True in the command itself."""
    head, (first, second), _, _ = socket.recv_fds(line, 4, 2)
    size, request = int.from_bytes(head), b""
    while len(request) < size:
        request += line.recv(_REQUEST)
    argv, folder, environment, umask, who = json.loads(request.decode("utf-8", "surrogateescape"))
    child = os.fork()
    if not child:
        line.close()
        os.dup2(first, 1)
        os.dup2(second, 2)
        os.close(first)
        os.close(second)
        if who is not None:
            _become(*who)
        os.chdir(folder)
        os.umask(umask)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = argv
        return True
    os.close(first)
    os.close(second)
    line.sendall(child.to_bytes(4))
    handle = os.pidfd_open(child)
    waiting: list[int] = [handle, line.fileno()]
    ready, _, _ = select.select(waiting, [], [])
    if handle not in ready:  # whoever asked has gone
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with suppress(OSError):
        line.sendall(str(status).encode())
    os._exit(0)


def _become(uid: int, groups: Sequence[int]) -> None:
    """Become another user for good, as a program that this user starts is."""
    os.setgroups(groups)
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    # Otherwise /proc/self belongs to root until the next exec.
    if ctypes.CDLL(None).prctl(_SET_DUMPABLE, 1, 0, 0, 0) != 0:
        msg = "prctl(PR_SET_DUMPABLE) failed"
        raise OSError(msg)


def _leave(status: int) -> None:
    """End as the interpreter does, but for taking apart all that was imported: that would copy each
    of its pages, which takes longer than most commands. It returns where an output cannot be
    written; the interpreter then says so.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return
    os._exit(status)


def _import_all() -> None:
    import careen

    for found in pkgutil.walk_packages(careen.__path__, "careen."):
        if not found.name.endswith("__main__"):
            __import__(found.name)
    _work_out_once()
    gc.freeze()  # a collection in a child would copy the pages of all that was imported


def _work_out_once() -> None:
    """Work out what each start works out for itself, and always alike: careen's own rules with
    their expressions, the digest of its files, and the template of the page.
    """
    from careen.plan.core.rules import load_rules
    from careen.report.finished.page import page_template
    from careen.tools.cache import code_stamp
    from tests.support.plans import Case, plan_for

    plan_for(Case({"/bin/a": "a"}, {}, kept=()), rules=load_rules())
    code_stamp()
    page_template()


if __name__ == "__main__":
    from careen.cli.main import main

    _import_all()
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        _serve(asked, int(sys.argv[2]))
    try:
        main()
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            _leave(ended.code or 0)
        raise
