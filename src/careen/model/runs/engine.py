"""Interfaces of container engines.

An engine makes an image runnable (`prepare`), creates containers from it, and moves images to and
from its own store. Engines do not interpret what a container does; readiness, tests and sensors
belong elsewhere.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from careen.model.paths import ImagePath
from careen.model.runs.workload import RunOptions

SANDBOX = "/.careen-sandbox"
"""Mount point, in a work container, of the directory shared with the host."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """A finished command.

    `status` is None if it was killed at its time limit. `output` holds stdout and stderr,
    interleaved and bounded.
    """

    status: int | None
    output: str


@dataclass(frozen=True, slots=True)
class ContainerState:
    """State of a container.

    `exit_code` is None while it has not ended. `error` is the engine's message about a failure.
    """

    running: bool
    exit_code: int | None
    oom_killed: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Listening:
    """A TCP port on which a container listens.

    `is_local`: only on its own loopback, which the engine does not reach.
    """

    port: int
    is_local: bool


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """An image that an engine can run.

    `reference` is the name for users in this engine (docker image id, or `docker-archive:FILE`).
    `handle` is the engine's own key: the docker image id, or the config digest for the embedded
    engine.
    """

    reference: str
    handle: str


class Container(Protocol):
    """A container.

    `id` is 64 hex characters and the last component of its cgroup's name (bare, or in
    `prefix-<id>.scope`). Methods raise ToolError if the engine fails, and never block past their
    own limit.
    """

    # A sensor is armed by the id before `start`.
    @property
    def id(self) -> str: ...

    def mount(self) -> Path | None:
        """Mount the root file system without running anything, and return its host path.

        Returns None if the engine cannot do this. Allowed only before `start`, for a container
        created with `held`.
        """

    def start(self) -> None:
        """Start the container; return once its first process has been executed."""

    def rootfs(self) -> Path | None:
        """Return the host path of the root file system of a running container, if known."""

    def host_port(self, port: int) -> int | None:
        """Return the port of 127.0.0.1 for a TCP port of the container, None if unpublished.

        Known after `start`.
        """

    def state(self) -> ContainerState:
        """Return the current state. Cheap enough to poll."""

    def listening(self) -> tuple[Listening, ...] | None:
        """Return the TCP ports on which it listens, or None if unknown. Never raises."""

    def exec(
        self, argv: tuple[str, ...], timeout: float, *, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        """Run a command as the container's user, with its environment plus `env`."""

    def changes(self, destination: Path) -> None:
        """Write the root's changes against its image to `destination`.

        The file is an uncompressed OCI layer with whiteouts, in no particular order. Mounts and the
        engine's own files (`/etc/hosts`, `/proc`, …) may appear as empty files or directories.
        Works while the container runs and afterwards.
        """

    def logs(self) -> str:
        """Return the output so far (stdout and stderr), at most the last 16 MiB."""

    def wait(self, timeout: float) -> int | None:
        """Wait for the end; return the exit status, or None after `timeout` seconds."""

    def signal(self, name: str) -> None:
        """Send a signal (`TERM`, `HUP`, …) to the first process.

        Raises ToolError if the container does not run.
        """

    def restart(self, grace: float) -> None:
        """Stop as `stop` does, and start again with the same root and its changes."""

    def differing(self) -> frozenset[ImagePath] | None:
        """Return the paths where the root differs from the image, or None if unknown.

        Changes by anyone count. Never raises.
        """

    def held_up(self) -> float | None:
        """Return for how many seconds it waited for a processor, None if unknown. Never raises.

        The longest wait of one thread counts.
        """

    def memory_peak(self) -> int | None:
        """Return the peak memory of its processes in bytes, or None if it cannot be read.

        The page cache that the container has at that moment does not count.
        """

    def ignores(self, signal: str) -> bool:
        """Return whether its first process is known to drop a signal. Never raises."""

    def stop(self, grace: float) -> None:
        """Send the image's stop signal, and kill after `grace` seconds. Idempotent."""

    def remove(self) -> None:
        """Kill if running, then remove with its anonymous volumes, mounts and cgroups.

        Idempotent; never raises for what no longer exists.
        """


@dataclass(slots=True)
class Others:
    """Number of containers of the image that careen did not start, as the engine reports them."""

    started: int = 0


class Engine(Protocol):
    """A container engine.

    It registers everything with the run's janitor before creating it, so that a later run can clean
    up.
    """

    @property
    def name(self) -> str: ...

    @property
    def can_yield(self) -> bool:
        """Whether `RunOptions.yields` has an effect."""

    def create(
        self,
        image: PreparedImage,
        options: RunOptions,
        ports: tuple[int, ...],
        *,
        held: bool = False,
    ) -> Container:
        """Create a container without starting it.

        `ports` are TCP ports to publish on free ports of 127.0.0.1, in addition to `options.ports`.
        `options` override the image's command line and environment as with `docker run`. With
        `held`, `Container.mount` works if the engine supports it.
        """

    def watch_other_containers(
        self, image: PreparedImage, tell: Callable[[str], None]
    ) -> AbstractContextManager[Others]:
        """Call `tell` with the id of each foreign container of the image while the block runs.

        The call comes from a thread, before the container starts if possible. Started ones are
        counted.
        """

    def discard(self, image: PreparedImage) -> None:
        """Remove what was prepared for an image that was not promoted. Idempotent.

        Never touches an image that the user had before.
        """
