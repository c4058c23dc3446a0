"""One docker container, by its name."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from careen.engines.docker_cli import DOCKER, SHORT, call, daemon_is_down, document, failure
from careen.engines.leftovers import DOCKER_CONTAINER, remove_docker_container
from careen.errors import ToolError
from careen.model.engine import CommandResult, ContainerState
from careen.tools.interleaved import interleaved
from careen.tools.process import run
from careen.tools.workspace import Leftover, Workspace

_REACHED = ("127.0.0.1", "0.0.0.0", "")  # noqa: S104 — addresses that a published port may be bound to and 127.0.0.1 reaches

_NOT_FOUND, _CANNOT_EXECUTE = 127, 126


class DockerContainer:
    """Implements `model.engine.Container`. What docker's client cannot do is stated where it matters."""

    def __init__(self, container_id: str, name: str, workspace: Workspace) -> None:
        self._id = container_id
        self._name = name
        self._workspace = workspace

    @property
    def id(self) -> str:
        return self._id

    @property
    def name(self) -> str:
        """The container's name in docker, for messages."""
        return self._name

    def start(self) -> None:
        """Start it. Raises ToolError with docker's words when its first program cannot be executed."""
        call("start", self._name, doing="starting the container")

    def _inspect(self) -> Mapping[str, Any]:
        done = call("container", "inspect", self._name, doing=f"inspecting container {self._name}")
        return document(done, f"inspecting container {self._name}")

    def rootfs(self) -> Path | None:
        """The overlay's merged directory; None while it does not run, with another storage driver, or when the daemon is on another machine."""
        found = self._inspect()
        driver = found.get("GraphDriver") or {}
        merged = (driver.get("Data") or {}).get("MergedDir")
        if not (found.get("State") or {}).get("Running") or driver.get("Name") != "overlay2" or not merged:
            return None
        path = Path(str(merged))
        return path if path.is_dir() else None

    def host_port(self, port: int) -> int | None:
        """Look the port up in docker's record; several publications of one port give the first that 127.0.0.1 reaches."""
        networks = self._inspect().get("NetworkSettings") or {}
        bindings = (networks.get("Ports") or {}).get(f"{port}/tcp") or ()
        return next((int(item["HostPort"]) for item in bindings if item.get("HostIp", "") in _REACHED and item.get("HostPort")), None)

    def state(self) -> ContainerState:
        """Read docker's record of the container."""
        found = self._inspect().get("State") or {}
        running = bool(found.get("Running"))
        ended = not running and found.get("Status") in {"exited", "dead"}
        return ContainerState(
            running=running,
            exit_code=int(found.get("ExitCode") or 0) if ended else None,
            oom_killed=bool(found.get("OOMKilled")),
            health=(found.get("Health") or {}).get("Status"),
            error=str(found.get("Error") or ""),
        )

    def exec(self, argv: tuple[str, ...], timeout: float) -> CommandResult:
        """Run a command inside. At the time limit docker's client is ended; the command itself goes on until the container ends: docker cannot end it."""
        done = interleaved((DOCKER.require(), "exec", self._name, *argv), timeout=timeout)
        if done.status not in (None, 0) and (daemon_is_down(done.output[-500:]) or not self.state().running):
            msg = f"running {argv[0]!r} in container {self._name}: {done.output.strip()[-300:] or 'the container has ended'}"
            raise ToolError(msg)
        # Some daemons answer 126 where others answer 127.
        missing = done.status == _CANNOT_EXECUTE and "executable file not found" in done.output and done.output.startswith("OCI runtime exec failed")
        return CommandResult(_NOT_FOUND if missing else done.status, done.output)

    def logs(self) -> str:
        """Ask docker for both streams."""
        done = interleaved((DOCKER.require(), "logs", self._name), timeout=SHORT)
        if done.status != 0:
            msg = f"reading the logs of container {self._name}: {done.output.strip()[-300:] or 'docker did not answer in time'}"
            raise ToolError(msg)
        return done.output

    def wait(self, timeout: float) -> int | None:
        """Wait with `docker wait`."""
        done = run((DOCKER.require(), "wait", self._name), timeout=timeout)
        if done.status is None:
            return None
        if done.status != 0 or not done.text.strip().isdigit():
            raise failure(done, f"waiting for container {self._name}")
        return int(done.text)

    def stop(self, grace: float) -> None:
        """`docker stop`, which sends the image's stop signal and kills after the grace period (whole seconds)."""
        seconds = max(0, math.ceil(grace))
        call("stop", "--time", str(seconds), self._name, doing=f"stopping container {self._name}", timeout=seconds + SHORT)

    def remove(self) -> None:
        """`docker rm --force --volumes`."""
        remove_docker_container(self._name)
        self._workspace.forget(Leftover(DOCKER_CONTAINER, self._name))
