"""A container of docker or podman."""

import contextlib
import math
import os
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from careen.engines.cgroups import memory_peak_of, processes_beside
from careen.engines.client.changes import overlay_upper_directory, write_changes
from careen.engines.client.client import SHORT, Client
from careen.engines.client.environment import environment_file
from careen.engines.false_start import retry_start
from careen.engines.first_process import FirstProcess, first_process
from careen.engines.hold import Hold
from careen.engines.leftovers import FROZEN, HOLD, container_leftover, remove_container
from careen.engines.listeners import listening
from careen.engines.network.namespace import JoinedNetwork, join
from careen.engines.network.portproxy import PortProxy, Published
from careen.engines.processor_wait import longest_wait
from careen.engines.unheard import unheard
from careen.engines.upper_names import upper_names
from careen.errors import ToolError
from careen.model.paths import ImagePath
from careen.model.runs.engine import CommandResult, ContainerState, Listening
from careen.tools.interleaved import interleaved
from careen.tools.process import Finished, run
from careen.tools.stragglers import unmarked
from careen.tools.workspace import Leftover, Workspace

LOG_LINES = 1_000_000
# bind addresses of published ports that 127.0.0.1 reaches
_REACHED = ("127.0.0.1", "0.0.0.0", "")  # noqa: S104

_NOT_FOUND, _CANNOT_EXECUTE = 127, 126
_MOUNT_SECONDS = 30.0


class ClientContainer:
    """Implements `model.engine.Container`; limits of the clients are stated at each method."""

    def __init__(
        self,
        client: Client,
        container_id: str,
        name: str,
        workspace: Workspace,
        *,
        hold: Hold | None = None,
        inside: tuple[Published, ...] = (),
    ) -> None:
        """`inside` are the ports to publish for a container without a network."""
        self._client = client
        self._id = container_id
        self._name = name
        self._workspace = workspace
        self._hold = hold
        self._starting: Future[Finished] | None = None
        self._inside = inside
        self._network: JoinedNetwork | None = None
        self._proxy: PortProxy | None = None
        self._peak: int | None = None
        self._running: tuple[FirstProcess, Mapping[str, Any]] | None = None

    @property
    def id(self) -> str:
        return self._id

    @property
    def name(self) -> str:
        """The container's name in its engine, for messages."""
        return self._name

    def start(self) -> None:
        """Start it; raise ToolError with the engine's message if its program cannot be executed."""
        if self._starting is None:
            retry_start(self._start)
        else:
            self._thaw()
            self._starting.result()
        self._publish()

    def _publish(self) -> None:
        """Publish ports inside the network namespace of a container with only a loopback."""
        if not self._inside:
            return
        self._unpublish()
        pid = self._pid()
        self._network = join(pid, self._id) if pid is not None else None
        if self._network is None:
            return  # it has ended already
        try:
            self._proxy = PortProxy(self._network, self._inside)
        except BaseException:
            self._unpublish()
            raise

    def _unpublish(self) -> None:
        if self._proxy is not None:
            self._proxy.close()
        if self._network is not None:
            self._network.close()
        self._proxy, self._network = None, None

    def _pid(self) -> int | None:
        """Return the PID of its first process on this machine, or None if it does not run."""
        return int((self._inspect().get("State") or {}).get("Pid") or 0) or None

    def _start(self) -> Finished:
        return self._begin("start", "starting the container")

    def _begin(self, verb: str, doing: str) -> Finished:
        # Podman's monitor of the container must live until the container is removed: without it
        # podman does not know how the container ended.
        env = unmarked() if self._client.is_daemonless else None
        # The monitor writes a file `oom` to where podman was called, if the memory is used up.
        where = self._workspace.path
        return self._client.call(verb, self._name, doing=doing, env=env, cwd=where)

    def mount(self) -> Path | None:
        """Set it up without its first exec and return its mounted root, or None.

        Podman can initialise a container. Docker starts it in a frozen control group.
        """
        if self._client.is_daemonless:
            return self._initialise()
        # Only one try: another start would have another mount, which the caller does not watch.
        path = self._merged(self._inspect())
        if self._hold is None or path is None or not path.parent.is_dir():
            return None
        self._workspace.record(Leftover(FROZEN, self._hold.name))
        self._hold.freeze()
        pool = ThreadPoolExecutor(1, "docker-start")
        self._starting = pool.submit(self._start)
        pool.shutdown(wait=False)
        until = time.monotonic() + _MOUNT_SECONDS
        while not os.path.ismount(path):
            # It has failed, which `start` will report, or the mount is not visible here.
            if self._starting.done() or time.monotonic() > until:
                self._thaw()
                return None
            time.sleep(0.01)
        return path

    def _initialise(self) -> Path | None:
        with contextlib.suppress(ToolError):  # `start` will fail for the same reason and report it
            retry_start(lambda: self._begin("init", "setting up the container"))
            path = self._merged(self._inspect())
            return path if path is not None and os.path.ismount(path) else None
        return None

    def _thaw(self) -> None:
        if self._hold is not None:
            self._hold.thaw()
            self._workspace.forget(Leftover(FROZEN, self._hold.name))

    def _inspect(self) -> Mapping[str, Any]:
        """Return the inspect record, the last one while the same first process runs."""
        # A call takes a hundred times as long as a look at the process, and waits look often.
        if self._running is not None and self._running[0].runs():
            return self._running[1]
        doing = f"inspecting container {self._name}"
        done = self._client.call("container", "inspect", self._name, doing=doing)
        found = self._client.document(done, doing)
        state = found.get("State") or {}
        pid = int(state.get("Pid") or 0) if state.get("Running") else 0
        process = first_process(pid, self._id) if pid else None
        self._running = (process, found) if process is not None else None
        return found

    def rootfs(self) -> Path | None:
        """Return the overlay's merged directory while the container runs, or None.

        None with another storage driver or a daemon on another machine.
        """
        found = self._inspect()
        path = self._merged(found)
        return (
            path
            if path is not None and (found.get("State") or {}).get("Running") and path.is_dir()
            else None
        )

    def _merged(self, found: Mapping[str, Any]) -> Path | None:
        """Return the path where the overlay is or will be mounted, or None."""
        # Docker's classic store and podman name the path (podman only while it is mounted); a
        # containerd store mounts below docker's root directory.
        driver = found.get("GraphDriver") or {}
        merged = (driver.get("Data") or {}).get("MergedDir")
        if driver.get("Name") == "overlayfs" and not merged and found.get("Id"):
            root = self._client.call(
                "info", "--format", "{{.DockerRootDir}}", doing="asking docker for its directory"
            ).text.strip()
            return (
                Path(root, "rootfs", "overlayfs", str(found["Id"]))
                if root.startswith("/")
                else None
            )
        return Path(str(merged)) if driver.get("Name") == self._client.driver and merged else None

    def host_port(self, port: int) -> int | None:
        """Return the first publication of the port that 127.0.0.1 reaches."""
        if self._proxy is not None:
            return next(
                (
                    each.host_port
                    for each in self._proxy.published
                    if each.port == port and each.address in _REACHED
                ),
                None,
            )
        networks = self._inspect().get("NetworkSettings") or {}
        bindings = (networks.get("Ports") or {}).get(f"{port}/tcp") or ()
        return next(
            (
                int(item["HostPort"])
                for item in bindings
                if item.get("HostIp", "") in _REACHED and item.get("HostPort")
            ),
            None,
        )

    def state(self) -> ContainerState:
        """Return the state from the inspect record."""
        found = self._inspect().get("State") or {}
        running = bool(found.get("Running"))
        ended = not running and found.get("Status") in {"exited", "stopped", "dead"}
        return ContainerState(
            running=running,
            exit_code=int(found.get("ExitCode") or 0) if ended else None,
            oom_killed=bool(found.get("OOMKilled")),
            error=str(found.get("Error") or ""),
        )

    def exec(
        self, argv: tuple[str, ...], timeout: float, *, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        """Run a command inside.

        At the time limit only the client is ended. It cannot end the command, which runs until the
        container ends.
        """
        with environment_file(env or {}) as (words, descriptors):
            done = interleaved(
                (self._client.program.require(), "exec", *words, self._name, *argv),
                timeout=timeout,
                descriptors=descriptors,
                cwd=self._workspace.path,  # as in `_begin`
            )
        # `state` raises if the daemon is down.
        if done.status not in (None, 0) and not self.state().running:
            msg = (
                f"running {argv[0]!r} in container {self._name}:"
                f" {done.output.strip()[-300:] or 'the container has ended'}"
            )
            raise ToolError(msg)
        # Some daemons return 126 where others return 127.
        missing = (
            done.status == _CANNOT_EXECUTE
            and "executable file not found" in done.output
            and done.output.startswith("OCI runtime exec failed")
        )
        return CommandResult(_NOT_FOUND if missing else done.status, done.output)

    def changes(self, destination: Path) -> None:
        """Write the layer from the overlay directory, or else commit the container.

        A commit transfers the whole image.
        """
        write_changes(self._client, self._inspect(), self._workspace, destination)

    def differing(self) -> frozenset[ImagePath] | None:
        """Return the names in the overlay directory, or None if it cannot be read."""
        with contextlib.suppress(ToolError):
            upper = overlay_upper_directory(self._client, self._inspect())
            return upper_names(upper) if upper is not None else None
        return None

    def logs(self) -> str:
        """Return both streams, the last million lines."""
        # Docker takes minutes to return tens of millions of lines.
        done = interleaved(
            (self._client.program.require(), "logs", "--tail", str(LOG_LINES), self._name),
            timeout=SHORT,
        )
        if done.status != 0:
            msg = (
                f"reading the logs of container {self._name}:"
                f" {done.output.strip()[-300:] or 'the engine did not answer in time'}"
            )
            raise ToolError(msg)
        return done.output

    def wait(self, timeout: float) -> int | None:
        """Wait with the client's `wait`."""
        done = run((self._client.program.require(), "wait", self._name), timeout=timeout)
        if done.status is None:
            return None
        if done.status != 0 or not done.text.strip().isdigit():
            raise self._client.failure(done, f"waiting for container {self._name}")
        return int(done.text)

    def signal(self, name: str) -> None:
        """Send a signal with the client's `kill --signal`."""
        self._client.call(
            "kill", "--signal", name, self._name, doing=f"sending {name} to container {self._name}"
        )

    def restart(self, grace: float) -> None:
        """Run the client's `stop` and `start`; id, root and anonymous volumes stay."""
        self.stop(grace)
        retry_start(self._start)
        self._publish()

    def listening(self) -> tuple[Listening, ...] | None:
        """Return the ports by the tables of its first process, None on another machine."""
        try:
            pid = self._pid()
        except ToolError:
            return None
        found = listening(pid, self._id) if pid is not None else None
        if found and self._proxy is not None:  # it connects from inside
            return tuple(replace(each, is_local=False) for each in found)
        return found

    def ignores(self, signal: str) -> bool:
        """Ask the kernel of the first process, if it is on this machine."""
        try:
            pid = self._pid()
        except ToolError:
            return False
        return pid is not None and unheard(pid, signal)

    def held_up(self) -> float | None:
        """Ask the kernel of its processes, if they are on this machine."""
        try:
            pid = self._pid()
        except ToolError:
            return None
        return longest_wait(processes_beside(pid, self._id)) if pid is not None else None

    def memory_peak(self) -> int | None:
        """Return the highest value read so far; `stop` reads it a last time."""
        pid = self._pid()
        now = memory_peak_of(pid, self._id) if pid is not None else None
        self._peak = max(filter(None, (self._peak, now)), default=None)
        return self._peak

    def stop(self, grace: float) -> None:
        """Run the client's `stop`: the image's stop signal, then SIGKILL.

        `grace` is rounded up to whole seconds.
        """
        self.memory_peak()
        seconds = max(0, math.ceil(grace))
        self._client.call(
            "stop",
            "--time",
            str(seconds),
            self._name,
            doing=f"stopping container {self._name}",
            timeout=seconds + SHORT,
        )

    def remove(self) -> None:
        """Run the client's `rm --force --volumes`."""
        self._thaw()
        self._unpublish()
        remove_container(self._client, self._name)
        self._workspace.forget(container_leftover(self._client, self._name))
        if self._hold is not None:
            self._hold.remove()
            self._workspace.forget(Leftover(HOLD, self._hold.name))
