"""The docker engine, for the daemon that the docker command reaches."""

import contextlib
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

from careen.engines.bounds import OOM_SCORE, PROCESSES, most_processes
from careen.engines.command import NOTHING_TO_RUN
from careen.engines.docker.cli import (
    DOCKER,
    LONG,
    call,
    complaint,
    document,
    document_of,
    inspect_image,
)
from careen.engines.docker.container import DockerContainer
from careen.engines.docker.others import watch_other_containers
from careen.engines.docker.variables import variables
from careen.engines.hold import Hold, can_freeze, new_frozen_cgroup_name
from careen.engines.leftovers import DOCKER_CONTAINER, DOCKER_IMAGE, HOLD, remove_docker_image
from careen.engines.network.namespace import check_network
from careen.engines.network.publish import wanted_publications
from careen.engines.shared_layers import SharedLayers
from careen.errors import InputError, ToolError
from careen.model.runs.engine import Others, PreparedImage
from careen.model.runs.workload import RunOptions
from careen.oci.image import Image
from careen.oci.write import write_docker_archive
from careen.tools.feed import feed
from careen.tools.process import run
from careen.tools.workspace import Leftover, StillUsedError, Workspace

_LOADED_ID = re.compile(rb"Loaded image ID: (sha256:[0-9a-f]{64})\s*$", re.MULTILINE)
_NOTHING_TO_RUN = "no command specified"  # the daemon's error for an image without a command
_CONTAINER_ID = re.compile(r"[0-9a-f]{64}\Z")
PROBE_SECONDS = 5.0
_NAMES = 20
LABEL = "io.careen.run"
LOG_FILE = "max-size=64m"
"""Log option: docker keeps two files of this size and removes the older one; `logs` reads less."""
# careen runs the health check itself (docs/adr/0020-health-check.md)
UNCHECKED = "--no-healthcheck"


class DockerEngine:
    """Implements `model.engine.Engine` over the docker command line; transfers images as well."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._loaded: set[str] = set()
        self._layers = SharedLayers()

    @property
    def name(self) -> str:
        return "docker"

    @staticmethod
    def probe() -> str | None:
        """Return why docker cannot be used, or None if a daemon answers within 5 seconds."""
        program = DOCKER.path()
        if program is None:
            return f"the docker command is not installed (package {DOCKER.package})"
        done = run((program, "version", "--format", "{{.Server.Version}}"), timeout=PROBE_SECONDS)
        if done.status is None:
            return f"the docker daemon does not answer within {PROBE_SECONDS:g} s"
        return None if done.status == 0 else complaint(done.stderr.decode("utf-8", "replace"))

    def runtime(self) -> str:
        """Return the daemon's default runtime (`runc`, `runsc`, `kata-runtime` …).

        A sensor sees nothing of a runtime with a sandboxed kernel.
        """
        return call(
            "info", "--format", "{{.DefaultRuntime}}", doing="asking docker for its runtime"
        ).text.strip()

    def resolve(self, name: str) -> tuple[str, tuple[str, ...]]:
        """Return an image's id (`sha256:…`) and its repository digests (`repo@sha256:…`).

        Raises InputError if docker does not have the image.
        """
        found = _inspect_existing(name)
        return str(found.get("Id")), tuple(str(item) for item in found.get("RepoDigests") or ())

    def export(self, name: str, destination: Path) -> None:
        """Write the image to the file `destination` as a docker archive.

        Raises InputError if docker does not have the image, ToolError if the disk is full.
        """
        image_id, _ = self.resolve(name)  # by id: the name may move meanwhile
        try:
            call(
                "save",
                "--output",
                str(destination),
                image_id,
                doing=f"saving image {name!r}",
                timeout=LONG,
            )
        except ToolError as error:
            if "no space left" in str(error):
                msg = f"{error}; free some, or name another disk with --work-dir"
                raise ToolError(msg) from error
            raise

    def prepare_existing(self, name: str) -> PreparedImage:
        """Return an image of docker's store; `discard` does not remove it."""
        found = _inspect_existing(name)
        image_id = str(found.get("Id"))
        self._layers.note(
            image_id, [str(item) for item in (found.get("RootFS") or {}).get("Layers") or ()]
        )
        return PreparedImage(image_id, image_id)

    def load_image(self, image: Image) -> PreparedImage:
        """Load an image without a name.

        Layers that docker shares with a known image are not sent again.
        """
        layers = image.ref.diff_ids
        if present := self._layers.present(layers):
            try:
                return self._noted(
                    self.load(
                        lambda stream: write_docker_archive(image, stream, present=present),
                        image.ref.config_digest,
                    ),
                    layers,
                )
            except ToolError:
                self._layers.forget_all()  # the layers were removed meanwhile
        return self._noted(
            self.load(lambda stream: write_docker_archive(image, stream), image.ref.config_digest),
            layers,
        )

    def _noted(self, prepared: PreparedImage, layers: tuple[str, ...]) -> PreparedImage:
        self._layers.note(prepared.handle, layers)
        return prepared

    def load(self, write: Callable[[BinaryIO], object], config_digest: str) -> PreparedImage:
        """Load the docker archive that `write` produces: one image without a name.

        `config_digest` (`sha256:…`) is its id in a classic store, written to the journal first. A
        containerd store uses the manifest's digest, which is known only afterwards. An image that
        existed before always stays. Raises ToolError.
        """
        existed = inspect_image(config_digest) is not None
        planned = Leftover(DOCKER_IMAGE, config_digest)
        if not existed:
            self._workspace.record(planned)
        done = feed(
            (DOCKER.require(), "load"), write, timeout=LONG, doing="loading the image into docker"
        )
        found = _LOADED_ID.search(done.stdout)
        image_id = found.group(1).decode() if found else config_digest
        if not existed and image_id != config_digest:
            self._workspace.record(Leftover(DOCKER_IMAGE, image_id))
            self._workspace.forget(planned)
        if inspect_image(image_id) is None:
            msg = (
                f"loading the image into docker: {image_id} is not in its store afterwards; docker"
                f" printed {done.text[-200:]!r}"
            )
            raise ToolError(msg)
        if not existed:
            self._loaded.add(image_id)
        return PreparedImage(image_id, image_id)

    def tag(self, image: PreparedImage, name: str) -> None:
        """Give the image the name that the user asked for; it is then a result and stays."""
        call("tag", image.handle, name, doing=f"tagging {image.handle} as {name!r}")
        if image.handle in self._loaded:
            self._loaded.discard(image.handle)
            self._workspace.forget(Leftover(DOCKER_IMAGE, image.handle))

    def _hold(self) -> Hold | None:
        """Return a control group for a held container, or None if this machine cannot freeze one.

        It is in the journal before its container.
        """
        if not can_freeze():
            return None
        driver = call(
            "info", "--format", "{{.CgroupDriver}}", doing="asking docker for its cgroup driver"
        ).text.strip()
        hold = Hold(new_frozen_cgroup_name(driver))
        self._workspace.record(Leftover(HOLD, hold.name))
        return hold

    def create(
        self,
        image: PreparedImage,
        options: RunOptions,
        ports: tuple[int, ...],
        *,
        held: bool = False,
    ) -> DockerContainer:
        """Create a container, as the port says; docker itself interprets the options."""
        check_network(options.network)
        hold = self._hold() if held else None
        container = f"careen-{secrets.token_hex(8)}"
        self._workspace.record(Leftover(DOCKER_CONTAINER, container))
        words = (
            "create",
            "--pull",
            "never",
            "--name",
            container,
            "--label",
            f"{LABEL}={self._workspace.path.name}",
        )
        parent = () if hold is None else ("--cgroup-parent", hold.name)
        # Docker publishes no ports of a container without a network.
        inside = wanted_publications(options, ports) if options.network == "none" else ()
        asked = (*words, UNCHECKED, *parent, *limit_options(), *docker_options(options, ports))
        with variables(options.env) as given:
            try:
                done = call(
                    *(*asked, *given.words, image.handle, *options.args),
                    doing="creating the container",
                    stdin=given.stdin,
                    env=given.environment,
                )
            except ToolError as error:
                if _NOTHING_TO_RUN in str(error):
                    raise InputError(NOTHING_TO_RUN) from error
                raise
        lines = done.text.split()
        if not lines or not _CONTAINER_ID.match(lines[-1]):
            msg = f"creating the container: docker printed no container id but {done.text[-100:]!r}"
            raise ToolError(msg)
        return DockerContainer(lines[-1], container, self._workspace, hold, inside)

    def count_other_starts(self, image: PreparedImage, since: float) -> int:
        """Return how many containers of an image others started since `since`.

        `since` is in seconds of the epoch. The result is a lower bound: docker keeps its last 256
        events.
        """
        what = "asking docker for its events"
        words = (
            "--since",
            f"{since:.3f}",
            "--until",
            f"{time.time():.3f}",
            "--filter",
            "type=container",
            "--filter",
            "event=start",
        )
        told = call("events", *words, "--format", "{{json .Actor.Attributes}}", doing=what)
        names = Counter(
            str(found.get("image", ""))
            for line in told.stdout.splitlines()
            if LABEL not in (found := document_of(line, what))
        )
        return sum(
            times
            for name, times in names.most_common(_NAMES)
            if name and (inspect_image(name) or {}).get("Id") == image.handle
        )

    def watch_other_containers(
        self, image: PreparedImage, tell: Callable[[str], None]
    ) -> AbstractContextManager[Others]:
        """Call `tell` with the id of each container of the image that others create in the block.

        See `docker.others`.
        """
        return watch_other_containers(image.handle, LABEL, tell, image.reference)

    def discard(self, image: PreparedImage) -> None:
        """Remove an image that this engine loaded and that has no name.

        An image that a container of another run uses stays until the end of this run.
        """
        if image.handle in self._loaded:
            with contextlib.suppress(StillUsedError):
                remove_docker_image(image.handle)
                self._workspace.forget(Leftover(DOCKER_IMAGE, image.handle))
            self._layers.forget(image.handle)
            self._loaded.discard(image.handle)

    def size(self, image: PreparedImage) -> int:
        """Return the image's size in bytes, as docker reports it."""
        found = call("image", "inspect", image.handle, doing="measuring the image")
        return int(document(found, "measuring the image").get("Size") or 0)


def _inspect_existing(name: str) -> dict[str, Any]:
    """Return docker's record of an image; raise InputError if docker does not have it."""
    found = inspect_image(name)
    if found is None:
        msg = f"no image {name!r} in docker's store; `docker pull {name}` or build it first"
        raise InputError(msg)
    return dict(found)


def _with_absolute_source(volume: str) -> str:
    """Return a volume with a source that starts with a dot made absolute."""
    # Before docker 23 the client leaves this to the daemon, which refuses it.
    source, colon, rest = volume.partition(":")
    return f"{Path(source).absolute()}{colon}{rest}" if colon and source.startswith(".") else volume


def limit_options() -> tuple[str, ...]:
    """Return docker's options for the limits of each container (`bounds`)."""
    processes = most_processes() or PROCESSES
    # A log driver that keeps the last output, whatever the daemon's default is.
    log = ("--log-driver", "json-file", "--log-opt", LOG_FILE, "--log-opt", "max-file=2")
    return ("--pids-limit", str(processes), "--oom-score-adj", str(OOM_SCORE), *log)


def docker_options(options: RunOptions, ports: tuple[int, ...]) -> tuple[str, ...]:
    """Return docker's command line for the options, except variables (see `docker.variables`)."""
    words: list[str] = []
    published = (
        (*options.ports, *(f"127.0.0.1::{port}" for port in ports))
        if options.network is None
        else ()
    )
    lists = (
        ("--volume", options.volumes),
        ("--publish", published),
        ("--tmpfs", options.tmpfs),
        ("--dns", options.dns),
    )
    for flag, values in lists:
        for value in values:
            words += (flag, _with_absolute_source(value) if flag == "--volume" else value)
    single = (
        *(
            ("--user", options.user),
            ("--gpus", options.gpus),
            ("--shm-size", options.shm_size),
            ("--entrypoint", options.entrypoint),
        ),
        *(("--network", options.network), ("--memory", options.memory)),
    )
    for flag, word in single:
        if word is not None:
            words += (flag, word)
    if options.read_only:
        words.append("--read-only")
    return tuple(words)
