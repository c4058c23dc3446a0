"""The engines that a command line reaches: docker and podman."""

import contextlib
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

from careen.engines.bounds import OOM_SCORE, PROCESSES, SHARES, most_processes
from careen.engines.cgroups import has_controller
from careen.engines.client.client import LONG, Client
from careen.engines.client.container import ClientContainer
from careen.engines.client.events import read_event
from careen.engines.client.others import watch_other_containers
from careen.engines.client.variables import variables
from careen.engines.command import NOTHING_TO_RUN
from careen.engines.compose.container import ComposedContainer
from careen.engines.compose.project import ComposeProject, is_alone
from careen.engines.compose.watched import Wanted
from careen.engines.gpus import cdi_names, is_cdi_name
from careen.engines.hold import Hold, can_freeze, new_frozen_cgroup_name
from careen.engines.leftovers import (
    HOLD,
    container_leftover,
    image_leftover,
    remove_unnamed_image,
)
from careen.engines.network.namespace import check_network
from careen.engines.network.publish import wanted_publications
from careen.engines.shared_layers import SharedLayers
from careen.errors import InputError, ToolError
from careen.model.runs.engine import Others, PreparedImage
from careen.model.runs.workload import Confinement, RunOptions
from careen.oci.image import Image
from careen.oci.write import write_docker_archive
from careen.tools.feed import feed
from careen.tools.workspace import Leftover, StillUsedError, Workspace

_LOADED_ID = re.compile(rb"Loaded image(?: ID)?: (sha256:[0-9a-f]{64})\s*$", re.MULTILINE)
_NOTHING_TO_RUN = "no command specified"  # docker's error for an image without a command
_CONTAINER_ID = re.compile(r"[0-9a-f]{64}\Z")
_NAMES = 20
LABEL = "io.careen.run"
LOG_FILE = "max-size=64m"
"""Log option: docker keeps two files of this size and removes the older one; `logs` reads less."""
# careen runs the health check itself (docs/adr/0020-health-check.md)
UNCHECKED = "--no-healthcheck"


class ClientEngine:
    """Implements `model.engine.Engine` over a command line; transfers images as well."""

    def __init__(self, workspace: Workspace, client: Client) -> None:
        self.client = client
        self._workspace = workspace
        self._loaded: set[str] = set()
        self._layers = SharedLayers(client)
        self._labels = {LABEL: workspace.path.name}

    @property
    def name(self) -> str:
        return self.client.name

    @property
    def can_yield(self) -> bool:
        """Rootless podman may have no control of processors."""
        return not self.client.is_daemonless and has_controller("cpu")

    def runtime(self) -> str:
        """Return the engine's default runtime.

        A sensor sees nothing of a runtime with a sandboxed kernel.
        """
        return self.client.runtime()

    def note(self) -> str:
        """Return what a user should know of its containers, or ""."""
        return self.client.note()

    def resolve(self, name: str) -> tuple[str, tuple[str, ...]]:
        """Return an image's id (`sha256:…`) and its repository digests (`repo@sha256:…`).

        Raises InputError if the engine does not have the image.
        """
        found = self._inspect_existing(name)
        return str(found.get("Id")), tuple(str(item) for item in found.get("RepoDigests") or ())

    def layers_of(self, image_id: str) -> tuple[str, ...]:
        """Return the diff IDs of an image's layers as the engine states them, () if it does not.

        Raises InputError if the engine does not have the image.
        """
        root = self._inspect_existing(image_id).get("RootFS")
        layers = root.get("Layers") if isinstance(root, dict) else None
        return tuple(map(str, layers)) if isinstance(layers, list) else ()

    def export(self, name: str, destination: Path) -> None:
        """Write the image to the file `destination` as a docker archive.

        Raises InputError if the engine does not have the image, ToolError if the disk is full.
        """
        image_id, _ = self.resolve(name)  # by id: the name may move meanwhile
        try:
            self.client.call(
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
        """Return an image of the engine's store; `discard` does not remove it."""
        found = self._inspect_existing(name)
        image_id = str(found.get("Id"))
        self._layers.note(
            image_id, [str(item) for item in (found.get("RootFS") or {}).get("Layers") or ()]
        )
        return PreparedImage(image_id, image_id)

    def load_image(self, image: Image) -> PreparedImage:
        """Load an image without a name.

        Layers that the engine shares with a known image are not sent again.
        """
        layers = image.ref.diff_ids
        # An OCI configuration has no HEALTHCHECK (docs/adr/0058-health-checks-in-podmans-store.md).
        docker_form = self.client.checks_docker_form and image.config.healthcheck is not None
        if present := self._layers.present(layers):
            try:
                return self._noted(
                    self.load(
                        lambda stream: write_docker_archive(
                            image, stream, present=present, docker_form=docker_form
                        ),
                        image.ref.config_digest,
                    ),
                    layers,
                )
            except ToolError:
                self._layers.forget_all()  # the layers were removed meanwhile
        return self._noted(
            self.load(
                lambda stream: write_docker_archive(image, stream, docker_form=docker_form),
                image.ref.config_digest,
            ),
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
        existed = self.client.inspect_image(config_digest) is not None
        planned = image_leftover(self.client, config_digest)
        if not existed:
            self._workspace.record(planned)
        doing = f"loading the image into {self.name}"
        done = feed((self.client.program.require(), "load"), write, timeout=LONG, doing=doing)
        found = _LOADED_ID.search(done.stdout)
        image_id = found.group(1).decode() if found else config_digest
        if not existed and image_id != config_digest:
            self._workspace.record(image_leftover(self.client, image_id))
            self._workspace.forget(planned)
        if self.client.inspect_image(image_id) is None:
            msg = (
                f"{doing}: {image_id} is not in its store afterwards; it printed"
                f" {done.text[-200:]!r}"
            )
            raise ToolError(msg)
        if not existed:
            self._loaded.add(image_id)
        return PreparedImage(image_id, image_id)

    def tag(self, image: PreparedImage, name: str) -> None:
        """Give the image the name that the user asked for; it is then a result and stays."""
        self.client.call("tag", image.handle, name, doing=f"tagging {image.handle} as {name!r}")
        if image.handle in self._loaded:
            self._loaded.discard(image.handle)
            self._workspace.forget(image_leftover(self.client, image.handle))

    def _hold(self) -> Hold | None:
        """Return a control group for a held container, or None if none is needed or possible.

        It is in the journal before its container.
        """
        if self.client.is_daemonless or not can_freeze():
            return None
        driver = self.client.call(
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
    ) -> ClientContainer:
        """Create a container, as the port says; the engine itself interprets the options."""
        check_network(options.network)
        self._require_command(image, options)
        hold = self._hold() if held else None
        container = f"careen-{secrets.token_hex(8)}"
        self._workspace.record(container_leftover(self.client, container))
        if options.compose is not None:
            return self._create_composed(image, options, ports, container, hold)
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
        # Neither publishes ports of a container without a network.
        inside = wanted_publications(options, ports) if options.network == "none" else ()
        asked = (
            *words,
            UNCHECKED,
            *parent,
            *limit_options(),
            *self._gpus(options),
            *docker_options(options, ports),
        )
        with variables(options.env) as given:
            try:
                done = self.client.call(
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
            msg = (
                f"creating the container: {self.name} printed no container id but"
                f" {done.text[-100:]!r}"
            )
            raise ToolError(msg)
        return ClientContainer(
            self.client, lines[-1], container, self._workspace, hold=hold, inside=inside
        )

    def _create_composed(
        self,
        image: PreparedImage,
        options: RunOptions,
        ports: tuple[int, ...],
        name: str,
        hold: Hold | None,
    ) -> ClientContainer:
        """Create a container of a compose service, beside neighbours of its own."""
        if options.compose is None or self.client.is_daemonless:
            msg = "--compose: needs docker and its compose plug-in; use --engine docker"
            raise InputError(msg)
        project = ComposeProject(options.compose, self.client, self._workspace, self._labels)
        group = None if hold is None else hold.name
        try:
            project.begin(alone=is_alone(options))
            made = project.create(options, Wanted(image.handle, name, ports, self._labels, group))
        except BaseException as error:
            try:
                project.end()
            except ToolError as trouble:  # the first error is the one to raise
                error.add_note(str(trouble))
            raise
        inside = wanted_publications(options, ports) if options.network == "none" else ()
        return ComposedContainer(
            *(self.client, made, name, self._workspace),
            hold=hold,
            inside=inside,
            end_project=project.end,
        )

    def _gpus(self, options: RunOptions) -> tuple[str, ...]:
        """Return the options for `--gpus`; podman knows CDI names only."""
        if options.gpus is None:
            return ()
        if not self.client.is_daemonless and not is_cdi_name(options.gpus):
            return ("--gpus", options.gpus)
        return tuple(word for name in cdi_names(options.gpus) for word in ("--device", name))

    def _require_command(self, image: PreparedImage, options: RunOptions) -> None:
        """Raise InputError for podman, which makes a container that has nothing to run."""
        if options.args or options.entrypoint or not self.client.is_daemonless:
            return
        config = (self.client.inspect_image(image.handle) or {}).get("Config") or {}
        if not config.get("Entrypoint") and not config.get("Cmd"):
            raise InputError(NOTHING_TO_RUN)

    def count_other_starts(self, image: PreparedImage, since: float) -> int:
        """Return how many containers of an image others started since `since`.

        `since` is in seconds of the epoch. The result is a lower bound: docker keeps its last
        256 events.
        """
        what = f"asking {self.name} for its events"
        # Podman stops at a time before it has read the events up to it.
        until_now = (
            ("--stream=false",) if self.client.is_daemonless else ("--until", f"{time.time():.3f}")
        )
        words = (
            "--since",
            f"{since:.3f}",
            *until_now,
            "--filter",
            "type=container",
            "--filter",
            "event=start",
        )
        told = self.client.call("events", *words, "--format", "{{json .}}", doing=what)
        lines = filter(None, told.stdout.splitlines())
        events = (read_event(self.client.document_of(line, what)) for line in lines)
        names = Counter(event.image for event in events if LABEL not in event.labels)
        return sum(
            times
            for name, times in names.most_common(_NAMES)
            if name and (self.client.inspect_image(name) or {}).get("Id") == image.handle
        )

    def watch_other_containers(
        self, image: PreparedImage, tell: Callable[[str], None]
    ) -> AbstractContextManager[Others]:
        """Call `tell` with the id of each container of the image that others create in the block.

        See `client.others`.
        """
        return watch_other_containers(self.client, image.handle, LABEL, tell, image.reference)

    def _inspect_existing(self, name: str) -> Mapping[str, Any]:
        """Return the record of an image; raise InputError if the engine does not have it."""
        found = self.client.inspect_image(name)
        if found is None:
            msg = (
                f"no image {name!r} in {self.name}'s store; `{self.name} pull {name}` or build it"
                " first"
            )
            raise InputError(msg)
        return found

    def discard(self, image: PreparedImage) -> None:
        """Remove an image that this engine loaded and that has no name.

        An image that a container of another run uses stays until the end of this run.
        """
        if image.handle in self._loaded:
            with contextlib.suppress(StillUsedError):
                remove_unnamed_image(self.client, image.handle)
                self._workspace.forget(image_leftover(self.client, image.handle))
            self._layers.forget(image.handle)
            self._loaded.discard(image.handle)

    def size(self, image: PreparedImage) -> int:
        """Return the image's size in bytes, as the engine reports it."""
        return int((self.client.inspect_image(image.handle) or {}).get("Size") or 0)


def _with_absolute_source(volume: str) -> str:
    """Return a volume with a source that starts with a dot made absolute."""
    # Before docker 23 the client leaves this to the daemon, which refuses it.
    source, colon, rest = volume.partition(":")
    return f"{Path(source).absolute()}{colon}{rest}" if colon and source.startswith(".") else volume


def limit_options() -> tuple[str, ...]:
    """Return the options for the limits of each container (`bounds`)."""
    processes = most_processes() or PROCESSES
    # A log driver that keeps the last output, whatever the engine's default is. Podman knows
    # `json-file` as a name of its own format, and keeps one file.
    log = ("--log-driver", "json-file", "--log-opt", LOG_FILE, "--log-opt", "max-file=2")
    return ("--pids-limit", str(processes), "--oom-score-adj", str(OOM_SCORE), *log)


def docker_options(options: RunOptions, ports: tuple[int, ...]) -> tuple[str, ...]:
    """Return the command line for the options, except variables and GPUs."""
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
            ("--shm-size", options.shm_size),
            ("--entrypoint", options.entrypoint),
        ),
        *(("--network", options.network), ("--memory", options.memory)),
    )
    for flag, word in single:
        if word is not None:
            words += (flag, word)
    if options.yields:
        words += ("--cpu-shares", str(SHARES))
    if options.read_only:
        words.append("--read-only")
    if options.confinement is not None:
        words += confinement_options(options.confinement)
    return tuple(words)


def confinement_options(confinement: Confinement) -> tuple[str, ...]:
    """Return the command line for limits beyond the engine's defaults."""
    words = ["--cap-drop", "ALL"]
    for name in confinement.capabilities:
        words += ("--cap-add", name.removeprefix("CAP_"))
    if confinement.no_new_privileges:
        words += ("--security-opt", "no-new-privileges")
    if confinement.seccomp is not None:
        words += ("--security-opt", f"seccomp={confinement.seccomp.absolute()}")
    for group in confinement.groups:
        words += ("--group-add", str(group))
    return tuple(words)
