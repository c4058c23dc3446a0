"""The port behind which container engines stand: contracts only.

An engine makes an image runnable (`prepare`), creates containers from it, and hands images over to
and from its own store. Engines never interpret what a container does; readiness, tests and sensors
are others' business.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from careen.model.paths import ImagePath
from careen.model.workload import RunOptions

BENCH = "/.careen-bench"
"""Where a container to work in has the directory that it shares with this machine."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """A finished command: exit status (None: it was ended at its time limit) and the output, stdout
    and stderr interleaved, bounded.
    """

    status: int | None
    output: str


@dataclass(frozen=True, slots=True)
class ContainerState:
    """Whether it runs, how it ended (`exit_code` None: it has not), and what the engine says of its
    failure.
    """

    running: bool
    exit_code: int | None
    oom_killed: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """An image that an engine can run. `reference` is what a user may call it in this engine
    (docker image id, or `docker-archive:FILE`); `handle` is the engine's own key for it (docker
    image id; digest of the config for the embedded engine).
    """

    reference: str
    handle: str


class Container(Protocol):
    """One container. `id` is 64 hex characters and the last component of its cgroup's name (bare,
    or inside `prefix-<id>.scope`), so that a sensor can be armed before `start`. All methods raise
    ToolError when the engine fails; none blocks past its own limit.
    """

    @property
    def id(self) -> str: ...

    def mount(self) -> Path | None:
        """Mount its root file system and execute nothing in it yet; `start` goes on from there.
        Return where the root is on this machine, None if the engine cannot do that or tell. Only
        before `start`, and only for a container that was created with `held`.
        """

    def start(self) -> None:
        """Start it; returns once the first process of the container has been executed."""

    def rootfs(self) -> Path | None:
        """The host path of the mounted root file system while it runs, if the engine can tell (for
        the fanotify sensor).
        """

    def host_port(self, port: int) -> int | None:
        """The port of 127.0.0.1 that reaches the container's TCP port, or None if it is not
        published. Known after `start`.
        """

    def state(self) -> ContainerState:
        """Where it is in its life now; cheap enough to poll."""

    def exec(
        self, argv: tuple[str, ...], timeout: float, *, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        """Run a command inside, as the container's user and environment, with `env` besides."""

    def changes(self, destination: Path) -> None:
        """Write what its root differs in from its image to the file `destination`: an OCI layer,
        uncompressed, whiteouts included, in no order and as it was found. Mounts and what the
        engine itself puts there (`/etc/hosts`, `/proc` …) may be in it as empty files or
        directories. Call it while it runs or afterwards.
        """

    def logs(self) -> str:
        """Everything that it printed so far (stdout and stderr), the last 16 MiB."""

    def wait(self, timeout: float) -> int | None:
        """Wait for its end and return the exit status, or None after `timeout` seconds."""

    def signal(self, name: str) -> None:
        """Send a signal (`TERM`, `HUP` …) to the container's first process. Raises ToolError when
        it does not run.
        """

    def restart(self, grace: float) -> None:
        """Stop it as `stop` does and start it again on the same root: what it wrote is still
        there.
        """

    def differing(self) -> frozenset[ImagePath] | None:
        """Return the paths at which its root differs from the image, whoever made them; None where
        the engine cannot say. Never raises.
        """

    def memory_peak(self) -> int | None:
        """The most memory (bytes) that its processes were charged with so far, page cache included
        as the kernel counts it; None if it cannot be read.
        """

    def stop(self, grace: float) -> None:
        """Send the image's stop signal, after `grace` seconds kill. Idempotent."""

    def remove(self) -> None:
        """Kill if running and remove with its anonymous volumes, mounts and cgroups. Idempotent;
        never raises for what is already gone.
        """


@dataclass(slots=True)
class Others:
    """How many containers of the image somebody else has started, as far as the engine said so."""

    started: int = 0


class Engine(Protocol):
    """A container engine. Whatever it creates is registered with the run's janitor before it
    exists, so that a later run can clean up.
    """

    @property
    def name(self) -> str: ...

    def create(
        self,
        image: PreparedImage,
        options: RunOptions,
        ports: tuple[int, ...],
        *,
        held: bool = False,
    ) -> Container:
        """Create, do not start. `ports` are container TCP ports to publish on a free port of
        127.0.0.1 besides `options.ports`. The command line and environment are those of the image's
        config changed by `options`, as `docker run` does it. With `held`, `Container.mount` works
        if it can.
        """

    def hearing_of_others(
        self, image: PreparedImage, tell: Callable[[str], None]
    ) -> AbstractContextManager[Others]:
        """Within the block, tell (from a thread) the id of each container of the image that
        somebody else makes, before it starts if that can be, and count those that start.
        """

    def discard(self, image: PreparedImage) -> None:
        """Drop what was prepared for an image that was not promoted. Idempotent. Never touches an
        image that the user had before.
        """
