"""A container without a container: a local process behind the `Container` port, for tests of what
drives containers.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from careen.engines.processor_wait import longest_wait
from careen.errors import ToolError
from careen.model.paths import ImagePath
from careen.model.runs.engine import CommandResult, ContainerState, Listening
from careen.tools import process

SERVICE = """
import http.server, sys, time, signal, os
port, delay, status = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/crash":
            print("going down", flush=True)
            os._exit(9)
        self.send_response(200 if self.path == "/" else status)
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *args):
        pass
def end(number, frame):
    print("bye", flush=True)
    raise SystemExit(0)
signal.signal(signal.SIGTERM, end)
print("loading model", flush=True)
time.sleep(delay)
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
print("listening on", port, flush=True)
server.serve_forever()
"""


def service_argv(port: int, delay: float = 0.0, status: int = 200) -> list[str]:
    """A small HTTP service that says what it does; `status` is what every path but / answers."""
    return [sys.executable, "-c", SERVICE, str(port), str(delay), str(status)]


class LocalContainer:
    """Run `argv` as "the container"; `ports` maps container ports to host ports."""

    def __init__(
        self,
        argv: list[str],
        ports: dict[int, int] | None = None,
        *,
        oom_killed: bool = False,
        error: str = "",
    ) -> None:
        self._argv = argv
        self._ports = ports or {}
        self._oom = oom_killed
        self._error = error
        self._process: subprocess.Popen[bytes] | None = None
        # closed in __exit__
        self._log = tempfile.NamedTemporaryFile(prefix="local-container-", delete=False)  # noqa: SIM115
        self.stopped_with: float | None = None
        self.drops: tuple[str, ...] = ()
        self.listens: tuple[Listening, ...] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()
        self._log.close()
        Path(self._log.name).unlink()

    @property
    def id(self) -> str:
        return "ab" * 32

    def start(self) -> None:
        try:
            self._process = subprocess.Popen(
                self._argv,
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            msg = f"starting the container: exec: {self._argv[0]!r}: {error.strerror}"
            raise ToolError(msg) from error

    def mount(self) -> Path | None:
        return None

    def rootfs(self) -> Path | None:
        return None

    def host_port(self, port: int) -> int | None:
        return self._ports.get(port)

    def state(self) -> ContainerState:
        code = self._process.poll() if self._process else None
        running = self._process is not None and code is None
        return ContainerState(
            running, _exit_code(code), oom_killed=self._oom and not running, error=self._error
        )

    def exec(
        self, argv: tuple[str, ...], timeout: float, *, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        done = process.run(argv, timeout=timeout, env={**os.environ, **env} if env else None)
        return CommandResult(done.status, (done.stdout + done.stderr).decode("utf-8", "replace"))

    def changes(self, destination: Path) -> None:
        raise NotImplementedError(destination)

    def logs(self) -> str:
        return Path(self._log.name).read_text(errors="replace")

    def wait(self, timeout: float) -> int | None:
        if self._process is None:
            return None
        try:
            return _exit_code(self._process.wait(timeout))
        except subprocess.TimeoutExpired:
            return None

    def signal(self, name: str) -> None:
        if self._process is None or self._process.poll() is not None:
            msg = f"sending {name} to the container: it is not running"
            raise ToolError(msg)
        os.kill(self._process.pid, signal.Signals[f"SIG{name.removeprefix('SIG')}"])

    def restart(self, grace: float) -> None:
        self.stop(grace)
        self.start()

    def differing(self) -> frozenset[ImagePath] | None:
        return frozenset()

    def listening(self) -> tuple[Listening, ...] | None:
        return self.listens

    def ignores(self, signal: str) -> bool:
        return signal in self.drops

    def held_up(self) -> float | None:
        return longest_wait([self._process.pid]) if self._process is not None else None

    def memory_peak(self) -> int | None:
        if self._process is None:
            return None
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return None
        lines = [line.split() for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(lines[0][1]) * 1024 if lines else None

    def stop(self, grace: float) -> None:
        self.stopped_with = grace
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            until = time.monotonic() + grace
            while self._process.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def remove(self) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _exit_code(code: int | None) -> int | None:
    return code if code is None or code >= 0 else 128 - code
