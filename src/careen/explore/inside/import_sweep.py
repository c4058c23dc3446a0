"""Import modules in separate processes and print each result.

Started as `python -c TEXT CHUNK…`. The chunks are base64 of a compressed JSON document. It has
`paths` to search in addition, `base` (modules to import first) and `groups` of modules. It has
`limit` (seconds for each), `budget` (seconds of processor time for all, and as much for the base)
and `wall` (wall-clock seconds). The first process supervises. A second one imports the base and
forks for each group. If a module ends its process, the rest of the group continues in another one.

Prints `careen-import [name, status, note, begun, seconds]` for each module. Status is 0 (imported),
1 (an exception), 128 + the signal that ended it, or null (out of time); `begun` is on the monotonic
clock. `careen-import-end` marks a complete sweep.
"""

import base64
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import site
import sys
import time
import warnings
import zlib
from typing import Any

WORKERS = 2
GRACE = 5.0


def write(fd: int, text: str) -> None:
    """Write all of the text."""
    data = text.encode("utf-8", "backslashreplace")
    while data:
        data = data[os.write(fd, data) :]


def first_line(error: BaseException) -> str:
    """Return the type of an exception and the first line of its text."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 — an unknown exception, whose `str` may raise, too
        text = ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return type(error).__name__ + (": " + lines[0][:300] if lines else "")


def child(group: "list[str]", fd: int, deadline: float, budget: float) -> None:
    """Import the modules of a group and report each; then end this process."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    spent = time.process_time() + budget
    for module in group:
        begun = time.monotonic()
        if begun >= deadline or time.process_time() >= spent:
            break
        status, note = 0, ""
        try:
            importlib.import_module(module)
        # SystemExit and KeyboardInterrupt are answers, too
        except BaseException as error:  # noqa: BLE001
            status, note = 1, first_line(error)
        write(
            fd,
            json.dumps([module, status, note, round(begun, 3), round(time.monotonic() - begun, 3)])
            + "\n",
        )
    write(fd, "\n")
    os._exit(0)


class Running:
    """A process that imports a group: the modules left, and when the first of them was started."""

    def __init__(self, pid: int, group: "list[str]") -> None:
        self.pid = pid
        self.left = group
        self.since = time.monotonic()
        self.held = b""
        self.done = False


class Server:
    """Forks processes for groups, a few at a time, and forwards their reports."""

    def __init__(self, limit: float, deadline: float, budget: float, out: int) -> None:
        self.limit = limit
        self.deadline = deadline
        self.budget = budget
        self.out = out
        self.waiting = []  # type: list[list[str]]
        self.running = {}  # type: dict[int, Running]

    def run(self, groups: "list[list[str]]") -> None:
        """Try all groups while there is time."""
        self.waiting = list(reversed(groups))
        while self.running or (self.waiting and self.goes_on()):
            while self.waiting and len(self.running) < WORKERS and self.goes_on():
                self.start(self.waiting.pop())
            oldest = min(each.since for each in self.running.values())
            ready, _, _ = select.select(
                list(self.running), [], [], max(oldest + self.limit - time.monotonic(), 0.0)
            )
            for fd in ready:
                self.read(fd)
            now = time.monotonic()
            for fd in [fd for fd, each in self.running.items() if now - each.since >= self.limit]:
                self.end(fd, None, f"no end in {self.limit:g} s")

    def goes_on(self) -> bool:
        """Return whether there is time for another module."""
        return self.budget > 0 and time.monotonic() < self.deadline

    def start(self, group: "list[str]") -> None:
        """Fork a process for a group."""
        readable, writable = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(readable)
            os.close(self.out)
            child(group, writable, self.deadline, self.budget)
        os.close(writable)
        self.running[readable] = Running(pid, group)

    def read(self, fd: int) -> None:
        """Forward whole lines from a process.

        An empty line means that the group is done. The end of the pipe without it means that the
        process died.
        """
        data = os.read(fd, 65536)
        each = self.running[fd]
        lines = (each.held + data).split(b"\n")
        each.held = lines.pop()[:65536]
        for line in lines:
            if line:
                write(self.out, line.decode("utf-8", "replace") + "\n")
                each.left = each.left[1:]
                each.since = time.monotonic()
            else:
                each.done = True
        if each.done or not data:
            self.end(fd, 1, "")

    def end(self, fd: int, code: "int | None", note: str) -> None:
        """Reap a process, report its current module, and queue the rest of its group."""
        each = self.running.pop(fd)
        os.close(fd)
        if each.done or note:
            for kill in (os.killpg, os.kill):
                with contextlib.suppress(OSError):
                    kill(each.pid, signal.SIGKILL)
        _, status, used = os.wait4(each.pid, 0)
        self.budget -= used.ru_utime + used.ru_stime
        if each.done or not each.left:
            return
        if not note and os.WIFSIGNALED(status):
            code, note = 128 + os.WTERMSIG(status), f"killed by signal {os.WTERMSIG(status)}"
        elif not note:
            note = f"ended the process with status {os.WEXITSTATUS(status)}"
        write(
            self.out,
            json.dumps(
                [
                    each.left[0],
                    code,
                    note,
                    round(each.since, 3),
                    round(time.monotonic() - each.since, 3),
                ]
            )
            + "\n",
        )
        if each.left[1:]:
            self.waiting.append(each.left[1:])


def serve(plan: "dict[str, Any]", base: "list[str]", groups: "list[list[str]]", out: int) -> None:
    """Import the base, report that, and try the modules."""
    warnings.filterwarnings("ignore", message=".*fork.*")
    for module in base:
        if time.process_time() < plan["budget"]:
            with contextlib.suppress(BaseException):
                importlib.import_module(module)
    write(out, "\n")
    gc.collect()
    if hasattr(gc, "freeze"):
        gc.freeze()  # children do not copy these objects
    Server(plan["limit"], time.monotonic() + plan["wall"], plan["budget"], out).run(groups)
    write(out, "end\n")
    os._exit(0)


def attempt(
    plan: "dict[str, Any]", base: "list[str]", groups: "list[list[str]]", out: int
) -> "tuple[set[str], bool]":
    """Run a server and forward its lines; return the answered modules, and whether it finished.

    A server that is silent for too long is ended.
    """
    readable, writable = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(readable)
        os.close(out)
        serve(plan, base, groups, writable)
    os.close(writable)
    answered = set()  # type: set[str]
    held = b""
    whole = False
    patience = plan["wall"] + GRACE
    while select.select([readable], [], [], patience)[0]:
        data = os.read(readable, 65536)
        if not data:
            break
        lines = (held + data).split(b"\n")
        held = lines.pop()
        for line in lines:
            whole = whole or line == b"end"
            if line and not whole:
                write(out, "careen-import " + line.decode("utf-8", "replace") + "\n")
                answered.add(json.loads(line.decode("utf-8", "replace"))[0])
        patience = plan["limit"] + GRACE
    os.close(readable)
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return answered, whole


def main() -> None:
    """Read the command line and sweep."""
    plan = json.loads(zlib.decompress(base64.b64decode("".join(sys.argv[1:]))).decode("utf-8"))
    sys.argv = [""]
    # PID 1 ignores signals that it does not handle.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    out = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    for path in plan["paths"]:
        if path not in sys.path:
            sys.path.append(path)
            if path.endswith("-packages"):
                site.addsitedir(path)
    groups = plan["groups"]
    bases = [plan["base"], []]  # type: list[list[str]]
    for base in bases:  # try again without a base that ends or blocks its process
        answered, whole = attempt(plan, base, groups, out)
        groups = [
            left
            for left in ([module for module in group if module not in answered] for group in groups)
            if left
        ]
        if whole or not groups:
            break
    write(out, "careen-import-end\n")


if __name__ == "__main__":
    main()
