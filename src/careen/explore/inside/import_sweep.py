"""Import modules, each in a process of its own, and print what came of it.

Started as `python -c TEXT CHUNK…`; the chunks are base64 of a compressed JSON document: `paths` to search besides, `base` (modules to import once, before the
others are tried), `modules`, `limit` (seconds for each), `budget` (seconds for all). The container's first process only supervises: a second one imports the
base and forks for each module. A line for each module that was tried: `careen-import [name, status, note, begun, seconds]`, status 0 (imported), 1 (an
exception), 128 + the number of the signal that ended it, or null (its time was over); `begun` is of the monotonic clock. `careen-import-end` says that the
sweep came to its end.
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
BASE_SHARE = 0.4  # of the budget, at most, goes into the base
GRACE = 5.0


def write(fd: int, text: str) -> None:
    data = text.encode("utf-8", "backslashreplace")
    while data:
        data = data[os.write(fd, data) :]


def first_line(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 — an exception of somebody else's, whose text may be one more
        text = ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return type(error).__name__ + (": " + lines[0][:300] if lines else "")


def child(module: str, fd: int) -> None:
    """Import it and say how that went; whatever it has started or registered ends with this process."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    begun = time.monotonic()
    status, note = 0, ""
    try:
        importlib.import_module(module)
    except BaseException as error:  # noqa: BLE001 — SystemExit and KeyboardInterrupt are answers, too
        status, note = 1, first_line(error)
    write(fd, json.dumps([module, status, note, round(begun, 3), round(time.monotonic() - begun, 3)]) + "\n")
    os._exit(0)


class Server:
    """Forks for one module after another, a few at a time, and passes on what they say."""

    def __init__(self, limit: float, out: int) -> None:
        self.limit = limit
        self.out = out
        self.running = {}  # type: dict[int, tuple[int, str, float, bytearray]]

    def run(self, modules: "list[str]", deadline: float) -> None:
        left = list(reversed(modules))
        while self.running or (left and time.monotonic() < deadline):
            while left and len(self.running) < WORKERS and time.monotonic() < deadline:
                self.start(left.pop())
            oldest = min(begun for _, _, begun, _ in self.running.values())
            ready, _, _ = select.select(list(self.running), [], [], max(oldest + self.limit - time.monotonic(), 0.0))
            for fd in ready:
                self.read(fd)
            now = time.monotonic()
            for fd in [fd for fd, (_, _, begun, _) in self.running.items() if now - begun >= self.limit]:
                self.end(fd, late=True)

    def start(self, module: str) -> None:
        readable, writable = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(readable)
            os.close(self.out)
            child(module, writable)
        os.close(writable)
        self.running[readable] = (pid, module, time.monotonic(), bytearray())

    def read(self, fd: int) -> None:
        data = os.read(fd, 65536)
        held = self.running[fd][3]
        held += data[: 65536 - len(held)]
        if not data or held.endswith(b"\n"):
            self.end(fd, late=False)

    def end(self, fd: int, late: bool) -> None:  # noqa: FBT001 — a program of its own
        pid, module, begun, held = self.running.pop(fd)
        os.close(fd)
        if late or held:
            for kill in (os.killpg, os.kill):
                with contextlib.suppress(OSError):
                    kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if held.endswith(b"\n"):
            write(self.out, held.decode("utf-8", "replace"))
            return
        code, note = None, f"no end in {self.limit:g} s"  # type: int | None, str
        if not late and os.WIFSIGNALED(status):
            code, note = 128 + os.WTERMSIG(status), f"killed by signal {os.WTERMSIG(status)}"
        elif not late:
            code, note = 1, f"ended the process with status {os.WEXITSTATUS(status)}"
        write(self.out, json.dumps([module, code, note, round(begun, 3), round(time.monotonic() - begun, 3)]) + "\n")


def serve(base: "list[str]", modules: "list[str]", limit: float, deadline: float, out: int) -> None:
    """Import the base, say so, and try the modules."""
    warnings.filterwarnings("ignore", message=".*fork.*")
    for module in base:
        with contextlib.suppress(BaseException):
            importlib.import_module(module)
    write(out, "\n")
    gc.collect()
    if hasattr(gc, "freeze"):
        gc.freeze()  # children do not copy what they never change
    Server(limit, out).run(modules, deadline)
    os._exit(0)


def attempt(plan: "dict[str, Any]", modules: "list[str]", base: "list[str]", deadline: float, out: int) -> "set[str]":
    """Let a server try the modules until `deadline`; pass on its lines and return which were answered. A server that says nothing for too long is ended."""
    readable, writable = os.pipe()
    begun = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.close(readable)
        os.close(out)
        serve(base, modules, plan["limit"], deadline, writable)
    os.close(writable)
    answered = set()  # type: set[str]
    held = b""
    patience = max((deadline - begun) * BASE_SHARE, GRACE)
    while select.select([readable], [], [], patience)[0]:
        data = os.read(readable, 65536)
        if not data:
            break
        lines = (held + data).split(b"\n")
        held = lines.pop()
        for line in lines:
            if line:
                write(out, "careen-import " + line.decode("utf-8", "replace") + "\n")
                answered.add(json.loads(line.decode("utf-8", "replace"))[0])
        patience = plan["limit"] + GRACE
    os.close(readable)
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return answered


def main() -> None:
    plan = json.loads(zlib.decompress(base64.b64decode("".join(sys.argv[1:]))).decode("utf-8"))
    sys.argv = [""]
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))  # the first process of a container is not ended by a signal that it does not handle
    out = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    for path in plan["paths"]:
        if path not in sys.path:
            sys.path.append(path)
            if path.endswith("-packages"):
                site.addsitedir(path)
    deadline = time.monotonic() + plan["budget"]
    left = plan["modules"]
    bases = [plan["base"], []]  # type: list[list[str]]
    for base in bases:  # a base that ends or stops its process is done without
        answered = attempt(plan, left, base, deadline, out)
        left = [module for module in left if module not in answered]
        if not left or time.monotonic() >= deadline:
            break
    write(out, "careen-import-end\n")


if __name__ == "__main__":
    main()
