"""A container of the embedded engine: the runtime runs as a child process in the foreground."""

import contextlib
import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from careen.engines.cgroups import end_cgroup, memory_peak, oom_kills, processes_of
from careen.engines.embedded.disk_watch import Bounds, DiskWatch
from careen.engines.embedded.spec import Process
from careen.engines.false_start import retry_start
from careen.engines.leftovers import runc_leftover
from careen.engines.listeners import listening
from careen.engines.mounts import unmount, upper_directory
from careen.engines.network.egress import ByteBudget, EgressProxy
from careen.engines.network.egress_route import EgressPolicy
from careen.engines.network.namespace import Network
from careen.engines.network.portproxy import PortProxy
from careen.engines.output import Output
from careen.engines.processor_wait import longest_wait
from careen.engines.unheard import unheard
from careen.engines.upper_layer import write_upper
from careen.engines.upper_names import upper_names
from careen.errors import InputError, ToolError
from careen.model.paths import ImagePath
from careen.model.runs.engine import CommandResult, ContainerState, Listening
from careen.tools.interleaved import interleaved
from careen.tools.process import run
from careen.tools.remove_tree import remove_tree
from careen.tools.workspace import Leftover, Workspace

_START_SECONDS = 120.0
_KILL_SECONDS = 30.0
_LOG_LIMIT = 1024 * 1024
_SIGNAL = re.compile(r"(?:SIG)?[A-Z0-9]+(?:[+-]\d+)?\Z", re.ASCII)
_NOT_FOUND, _CANNOT_EXECUTE = 127, 126
_RUNTIME_FAILED = (1, 255)


@dataclass(slots=True)
class Parts:
    """The parts of a container, filled in as they are created, so that they can be released."""

    base: Path
    state: Path
    program: str
    stop_signal: str
    container_id: str = ""
    rootfs: Path | None = None
    network: Network | None = None
    proxy: PortProxy | None = None
    egress: EgressProxy | None = None
    mounts: tuple[Leftover, ...] = ()
    process: Process | None = None
    volumes: tuple[Path, ...] = ()  # outside of `base`, in the work directory
    bounds: Bounds | None = None

    def release(self, workspace: Workspace) -> None:
        """Close, unmount and remove everything but the runtime's own state; idempotent."""
        if self.proxy is not None:
            self.proxy.close()
        if self.egress is not None:
            self.egress.close()
        if self.network is not None:
            self.network.close()
        for leftover in reversed(self.mounts):
            unmount(leftover.name)
            workspace.forget(leftover)
        self.mounts = ()
        with contextlib.suppress(OSError):  # the workspace retries at its end and reports it
            remove_tree(self.base)


class RuncContainer:
    """Implements `model.engine.Container`."""

    def __init__(self, parts: Parts, workspace: Workspace) -> None:
        self._parts = parts
        self._workspace = workspace
        self._runtime: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._number = 0
        self._removed = False
        self._tail = ""
        self._output = Output()
        self._watch: DiskWatch | None = None
        self._ended = ""
        self._peak: int | None = None
        self._leftover = runc_leftover(
            Path(parts.program).name, str(parts.state), parts.container_id
        )

    @property
    def id(self) -> str:
        return self._parts.container_id

    def _argv(self, *words: str, log: Path | None = None) -> tuple[str, ...]:
        logging = ("--log", str(log), "--log-format", "json") if log is not None else ()
        return (self._parts.program, "--root", str(self._parts.state), *logging, *words)

    def mount(self) -> Path | None:
        """Return the overlay, which this engine mounts when it creates the container."""
        return None if self._removed else self._parts.rootfs

    def open_egress(self, policy: EgressPolicy, budget: ByteBudget) -> None:
        """Give it an egress proxy (`engines.network.egress`) until `remove`.

        A container in this machine's own network gets none. Raises ToolError.
        """
        if self._parts.network is not None and self._parts.egress is None:
            self._parts.egress = EgressProxy(self._parts.network, policy, budget)

    def start(self) -> None:
        """Run it in the foreground of a child process.

        Raises ToolError with the runtime's message if its first program cannot be executed.
        """
        self._workspace.record(self._leftover)
        self._launch()

    def _launch(self) -> None:
        """Start it, and again after a false start, whose output is dropped."""

        def clear() -> None:
            self._forget_run()
            self._output.drop()

        retry_start(self._run, clear)
        self._watch_disk()

    def _watch_disk(self) -> None:
        """End the container if it writes too much, and note the reason for its state."""
        self._ended = ""

        def end(reason: str) -> None:
            if self._running():
                self._ended = f"careen ended the container: {reason}"
                with contextlib.suppress(ToolError):  # it has already ended
                    self._signal("KILL")

        bounds = self._parts.bounds or Bounds.of(self._parts.base)
        self._watch = DiskWatch((self._parts.base, *self._parts.volumes), bounds, end)

    def _unwatch_disk(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    def _run(self) -> None:
        base = self._parts.base
        log, pid_file = base / "runtime.log", base / "pid"
        output = self._output.begin()
        try:
            self._runtime = subprocess.Popen(
                self._argv(
                    "run",
                    "--keep",
                    "--bundle",
                    str(base),
                    "--pid-file",
                    str(pid_file),
                    self.id,
                    log=log,
                ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        finally:
            os.close(output)
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            ended = self._runtime.poll() is not None
            if _executed(pid_file):
                return
            if ended:
                if pid_file.exists():
                    return  # it ran, and has ended already
                by = f"{self.runtime} ended with {self._runtime.returncode}"
                said = _complaint(log) or self.logs().strip()[-300:] or by
                msg = f"starting the container: {said}"
                raise ToolError(msg)
            time.sleep(0.005)
        msg = f"starting the container: {self.runtime} did not start it in {_START_SECONDS:g} s"
        raise ToolError(msg)

    @property
    def runtime(self) -> str:
        """The runtime's name, for messages."""
        return Path(self._parts.program).name

    def _status(self) -> int | None:
        """Return the exit status, or None before the start and the end."""
        code = self._runtime.poll() if self._runtime is not None else None
        return code if code is None or code >= 0 else 128 - code

    def rootfs(self) -> Path | None:
        """Return the mounted overlay while the container runs."""
        return self._parts.rootfs if self._running() else None

    def _running(self) -> bool:
        return self._runtime is not None and self._status() is None

    def host_port(self, port: int) -> int | None:
        """Return the first publication of the port that 127.0.0.1 reaches."""
        proxy = self._parts.proxy
        known = proxy.published if proxy is not None and not self._removed else ()
        return next(
            (
                each.host_port
                for each in known
                if each.port == port and each.address in {"127.0.0.1", "0.0.0.0"}  # noqa: S104
            ),
            None,
        )

    def state(self) -> ContainerState:
        """Return the state from the runtime's process; the control group says if memory ran out."""
        status = self._status()
        if status is None:
            return ContainerState(running=self._running(), exit_code=None)
        killed = oom_kills(self.id) > 0
        return ContainerState(running=False, exit_code=status, oom_killed=killed, error=self._ended)

    def exec(
        self, argv: tuple[str, ...], timeout: float, *, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        """Run a command inside; kill it at its time limit.

        As in docker, 127 is a name that is not on PATH, 126 a path that cannot be executed.
        """
        process = self._parts.process
        if process is None or not self._running():
            msg = f"running {argv[0]!r} in the container: {self._ended or 'it is not running'}"
            raise ToolError(msg)
        with self._lock:
            self._number += 1
            name = f"exec-{self._number}"
        base = self._parts.base
        wanted, log, pid_file = base / f"{name}.json", base / f"{name}.log", base / f"{name}.pid"
        variables = _with_variables(process.environment, env or {})
        command = replace(process, argv=argv, environment=variables)
        wanted.write_text(json.dumps(command.document()), encoding="utf-8")
        try:
            done = interleaved(
                self._argv(
                    "exec", "--process", str(wanted), "--pid-file", str(pid_file), self.id, log=log
                ),
                timeout=timeout,
            )
        finally:
            wanted.unlink(missing_ok=True)  # a variable's value may be a password
        if done.status is None:
            self._kill(pid_file)
            return CommandResult(None, done.output)
        complaint = _complaint(log)
        if done.status in _RUNTIME_FAILED and complaint:
            if not self._running():
                msg = f"running {argv[0]!r} in the container: {self._ended or 'it has ended'}"
                raise ToolError(msg)
            missing = "executable file not found" in complaint
            return CommandResult(
                _NOT_FOUND if missing else _CANNOT_EXECUTE, done.output or complaint
            )
        return CommandResult(done.status if done.status >= 0 else 128 - done.status, done.output)

    def _kill(self, pid_file: Path) -> None:
        """Kill a command past its limit, if its PID still belongs to this container."""
        with contextlib.suppress(OSError, ValueError):
            pid = int(pid_file.read_text())
            if self.id in Path(f"/proc/{pid}/cgroup").read_text():
                os.kill(pid, signal.SIGKILL)

    def changes(self, destination: Path) -> None:
        """Write the overlay's upper directory as a layer."""
        if self._removed or self._parts.rootfs is None:
            msg = "reading what the container has changed: it has been removed"
            raise ToolError(msg)
        write_upper(upper_directory(self._parts.base), destination)

    def differing(self) -> frozenset[ImagePath] | None:
        """Return the names in the overlay's upper directory, or None after `remove`."""
        return (
            None
            if self._removed or self._parts.rootfs is None
            else upper_names(upper_directory(self._parts.base))
        )

    def logs(self) -> str:
        """Return the last 16 MiB of output; after `remove`, the output until then."""
        if self._removed:
            return self._tail
        if self._status() is not None:
            self._output.settle()
        return self._output.text()

    def wait(self, timeout: float) -> int | None:
        """Wait for the runtime, which ends with the container."""
        if self._runtime is None:
            msg = "waiting for the container: it was never started"
            raise ToolError(msg)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._runtime.wait(timeout)
        return self._status()

    def stop(self, grace: float) -> None:
        """Send the image's stop signal, wait, then kill."""
        if not self._running():
            return
        word = self._parts.stop_signal.strip().upper()
        self._signal(word if _SIGNAL.match(word) else "SIGTERM")
        if self.wait(max(0.0, grace)) is None:
            self._signal("KILL")
            if self.wait(_KILL_SECONDS) is None:
                msg = f"stopping the container: it is still there {_KILL_SECONDS:g} s after SIGKILL"
                raise ToolError(msg)

    def _signal(self, word: str) -> None:
        done = run(self._argv("kill", self.id, word), timeout=_KILL_SECONDS)
        if done.status != 0 and self.wait(1.0) is None:
            msg = f"sending {word} to the container: {done.complaint}"
            raise ToolError(msg)

    def signal(self, name: str) -> None:
        """Send a signal through the runtime."""
        if not self._running():
            msg = f"sending {name} to the container: it is not running"
            raise ToolError(msg)
        self._signal(name)

    def restart(self, grace: float) -> None:
        """Stop it, delete it from the runtime and run it again with the same id.

        Root, volumes, network and published ports stay.
        """
        if self._runtime is None or self._removed:
            msg = "restarting the container: it was never started, or has been removed"
            raise ToolError(msg)
        self.stop(grace)
        self._unwatch_disk()
        self._peak = self.memory_peak()
        self._forget_run()
        self._launch()

    def _forget_run(self) -> None:
        """Delete it from the runtime, so that the bundle can run again."""
        run(self._argv("delete", "--force", self.id), timeout=_KILL_SECONDS)
        end_cgroup(self.id)
        for name in ("pid", "runtime.log"):
            (self._parts.base / name).unlink(missing_ok=True)

    def listening(self) -> tuple[Listening, ...] | None:
        """Return the ports by the tables of one of its processes; the proxy reaches loopback."""
        found = next((listening(pid, self.id) for pid in processes_of(self.id)), None)
        return found and tuple(replace(each, is_local=False) for each in found)

    def ignores(self, signal: str) -> bool:
        """Ask the kernel of the first process, which no other one has as a child."""
        return any(unheard(pid, signal) for pid in processes_of(self.id))

    def held_up(self) -> float | None:
        """Ask the kernel of its processes."""
        return longest_wait(processes_of(self.id))

    def memory_peak(self) -> int | None:
        """Return the peak from the control group, which stays until `remove`."""
        return max(filter(None, (self._peak, memory_peak(self.id))), default=None)

    def remove(self) -> None:
        """Kill it if necessary; delete it, its control groups, mounts, ports and files."""
        if self._removed:
            return
        self._unwatch_disk()
        if self._runtime is not None:
            self._peak = self.memory_peak()
            run(self._argv("delete", "--force", self.id), timeout=_KILL_SECONDS)
            end_cgroup(self.id)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._runtime.wait(_KILL_SECONDS)
        self._tail = self.logs()
        self._parts.release(self._workspace)
        self._removed = True
        if self._runtime is not None:
            self._workspace.forget(self._leftover)


def _with_variables(words: tuple[str, ...], variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return `NAME=VALUE` words with the variables replaced or added.

    Raises InputError, without the value.
    """
    for name, value in variables.items():
        if not name or "=" in name or "\0" in name or "\0" in value:
            msg = (
                f"the variable {name!r} has no name, or a NUL byte in its value: it cannot be given"
                " to a command in a container"
            )
            raise InputError(msg)
    return tuple(
        f"{name}={value}"
        for name, value in {**dict(word.split("=", 1) for word in words), **variables}.items()
    )


def _executed(pid_file: Path) -> bool:
    """Return whether the container's first process has executed its program."""
    try:
        pid = int(pid_file.read_text())
        # 15 bytes of the name, possibly cut within a character
        comm = Path(f"/proc/{pid}/comm").read_bytes()
    except (OSError, ValueError):
        return False
    return not comm.startswith(b"runc:[")


def _complaint(log: Path) -> str:
    """Return the last error of the runtime's log, which has one JSON object per line."""
    try:
        with log.open(encoding="utf-8", errors="replace") as stream:
            lines = stream.read(_LOG_LIMIT).splitlines()
    except OSError:
        return ""
    for line in reversed(lines):
        with contextlib.suppress(ValueError, AttributeError):
            found = json.loads(line)
            if found.get("level") == "error" and found.get("msg"):
                return str(found["msg"]).strip().splitlines()[-1]
    return ""
