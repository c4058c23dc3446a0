"""The embedded engine over a low-level runtime (runc or crun), without a daemon, as root.

It differs from docker on purpose. There is no outgoing network: only loopback and published TCP
ports (a sandbox has a proxy, see `egress`). Named volumes end with careen's run. There are fewer
socket families and more limits (`bounds`, `seccomp`). GPUs are CDI devices (`cdi`).
"""

import contextlib
import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from careen.engines.cgroups import has_controller, is_mixed
from careen.engines.command import command, environment, working_directory
from careen.engines.embedded.accounts import Accounts, identify, read_accounts
from careen.engines.embedded.cdi import NO_EDITS, Edits, device_edits
from careen.engines.embedded.container import Parts, RuncContainer
from careen.engines.embedded.disk_watch import Bounds
from careen.engines.embedded.etc_files import etc_mounts
from careen.engines.embedded.materialise import materialise
from careen.engines.embedded.mount_points import check_mount_points
from careen.engines.embedded.spec import Container, Process, runtime_spec
from careen.engines.embedded.volumes import volume_mounts, wanted_volumes
from careen.engines.gpus import cdi_names
from careen.engines.lack import AS_ROOT, Lack
from careen.engines.leftovers import RUNTIME
from careen.engines.mounts import mount_overlay
from careen.engines.network.namespace import Network, check_network
from careen.engines.network.portproxy import PortProxy, Published
from careen.engines.network.publish import wanted_publications
from careen.errors import ConfigError, ImageError, InputError, ToolError
from careen.formats.json_document import parse_object
from careen.model.entry import Entry
from careen.model.image import ImageConfig
from careen.model.rbom import ImageRef
from careen.model.runs.engine import Others, PreparedImage
from careen.model.runs.workload import RunOptions
from careen.model.sizes import size_in_bytes
from careen.oci.tree.rootfs import Rootfs
from careen.tools.read_file import read_file
from careen.tools.remove_tree import remove_tree
from careen.tools.workspace import Workspace

SHM = 64 * 1024 * 1024
_MAX_PROFILE = 1 << 20


class Runnable(Protocol):
    """The part of `oci.Image` that the engine needs."""

    @property
    def ref(self) -> ImageRef: ...
    @property
    def config(self) -> ImageConfig: ...
    def rootfs(self) -> Rootfs:
        """Return the merged index; content is read while the image is open."""


class _Tree:
    """Content from the unpacked tree, so that the image need not stay open."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def open(self, entry: Entry) -> BinaryIO:
        path = os.fsencode(self._root) + entry.path.encode("utf-8", "surrogateescape")
        try:
            return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
        except OSError as error:
            msg = f"{entry.path}: cannot be read back: {error.strerror}"
            raise ImageError(msg) from error


@dataclass(frozen=True, slots=True)
class _Prepared:
    directory: Path
    tree: Path
    rootfs: Rootfs
    config: ImageConfig
    accounts: Accounts
    notes: tuple[str, ...]


class EmbeddedEngine:
    """Implements `model.engine.Engine` over runc or crun."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._program = RUNTIME.require()
        self._images: dict[str, _Prepared] = {}
        self._state = workspace.directory("rc")
        self._named = workspace.directory("volumes")

    @property
    def name(self) -> str:
        return "embedded"

    @property
    def can_yield(self) -> bool:
        return has_controller("cpu")

    @staticmethod
    def probe() -> Lack | None:
        """Return why the engine cannot be used, or None."""
        if os.geteuid() != 0:
            return Lack("it needs root (mounts, namespaces, runc)", (AS_ROOT,))
        install = ("install runc (for example `apt-get install runc`)",)
        if RUNTIME.path() is None:
            return Lack(f"neither runc nor crun is installed (package {RUNTIME.package})", install)
        if Path(RUNTIME.require()).name == "crun" and is_mixed():
            return Lack("crun refuses this machine's mix of cgroup v1 and v2", install)
        if (
            "\toverlay\n" not in Path("/proc/filesystems").read_text()
            and not Path("/sys/module/overlay").exists()
        ):
            return Lack(
                "the kernel has no overlay file system (module `overlay`)",
                ("load the module (`modprobe overlay`)",),
            )
        return None

    def note(self) -> str:
        """Return what a user should know of its containers: nothing."""
        return ""

    def runtime(self) -> str:
        """Return the runtime's name, `runc` or `crun`."""
        return Path(self._program).name

    def prepare(self, image: Runnable) -> PreparedImage:
        """Write the image's tree into the work directory; the image may be closed afterwards.

        Raises ToolError or ImageError.
        """
        handle = image.ref.config_digest
        prepared = PreparedImage(image.ref.reference, handle)
        if handle in self._images:
            return prepared
        self._workspace.wait_removal()
        rootfs = image.rootfs()
        check_mount_points(rootfs)
        accounts = read_accounts(rootfs)
        directory = self._workspace.directory("image")
        tree = directory / "tree"
        tree.mkdir(mode=0o755)
        try:
            written = materialise(rootfs, tree)
        except BaseException:
            with contextlib.suppress(OSError):  # the workspace retries at its end and reports it
                remove_tree(directory)
            raise
        index = Rootfs({entry.path: entry for entry in rootfs}, _Tree(tree))
        self._images[handle] = _Prepared(
            directory, tree, index, image.config, accounts, written.notes
        )
        return prepared

    def notes(self, image: PreparedImage) -> tuple[str, ...]:
        """Return sentences on attributes of the image that the file system could not keep."""
        return self._found(image).notes

    def _found(self, image: PreparedImage) -> _Prepared:
        found = self._images.get(image.handle)
        if found is None:
            msg = f"image {image.reference!r} was not prepared, or has been discarded"
            raise ToolError(msg)
        return found

    def create(
        self,
        image: PreparedImage,
        options: RunOptions,
        ports: tuple[int, ...],
        *,
        held: bool = False,  # noqa: ARG002
    ) -> RuncContainer:
        """Create a container, as the port says.

        Its ports listen at once and close each connection until a process inside accepts it.
        """
        if options.compose is not None:
            msg = "--compose: needs docker and its compose plug-in; use --engine docker"
            raise InputError(msg)
        check_network(options.network)
        edits = device_edits(cdi_names(options.gpus)) if options.gpus is not None else NO_EDITS
        prepared = self._found(image)
        wanted = wanted_publications(options, ports)
        process = self._process(prepared, options, edits)
        base = self._workspace.directory("c")
        parts = Parts(
            base=base,
            state=self._state,
            program=self._program,
            stop_signal=prepared.config.stop_signal,
        )
        try:
            self._build(parts, prepared, options, process, wanted, edits)
        except BaseException:
            parts.release(self._workspace)
            raise
        return RuncContainer(parts, self._workspace)

    @staticmethod
    def _process(prepared: _Prepared, options: RunOptions, edits: Edits) -> Process:
        config = prepared.config
        asked = options.user if options.user is not None else config.user
        identity = identify(prepared.accounts, asked)
        variables = environment(config, options)
        variables.setdefault("HOME", identity.home)
        variables.update(edits.variables())
        groups = tuple(dict.fromkeys((*identity.groups, *edits.groups)))
        process = Process(
            command(config, options),
            tuple(f"{key}={value}" for key, value in variables.items()),
            working_directory(config),
            replace(identity, groups=groups),
        )
        if (confinement := options.confinement) is None:
            return process
        more = tuple(dict.fromkeys((*groups, *confinement.groups)))
        return replace(
            process,
            identity=replace(identity, groups=more),
            capabilities=confinement.capabilities,
            no_new_privileges=confinement.no_new_privileges,
        )

    def _build(
        self,
        parts: "Parts",
        prepared: _Prepared,
        options: RunOptions,
        process: Process,
        wanted: Sequence[Published],
        edits: Edits,
    ) -> None:
        """Create the parts of the container, noting each as soon as it exists."""
        parts.container_id = secrets.token_hex(32)
        if options.network != "host":
            parts.network = Network()
            parts.proxy = PortProxy(parts.network, wanted) if wanted else None
        parts.rootfs, parts.mounts = mount_overlay(prepared.tree, parts.base, self._workspace)
        own = parts.base / "volumes"
        own.mkdir(mode=0o755)
        volumes = volume_mounts(
            wanted_volumes(options.volumes, options.tmpfs, prepared.config.volumes),
            prepared.rootfs,
            own,
            self._named,
        )
        shm = size_in_bytes(options.shm_size, "--shm-size") if options.shm_size is not None else SHM
        hostname = parts.container_id[:12]
        covered = {str(mount["destination"]) for mount in volumes}
        etc = etc_mounts(
            parts.base,
            hostname,
            read_only=options.read_only,
            dns=options.dns,
            shared=parts.network is None,
        )
        files = [mount for mount in etc if mount["destination"] not in covered]
        container = Container(
            container_id=parts.container_id,
            rootfs=str(parts.rootfs),
            network=parts.network.path if parts.network is not None else None,
            mounts=(*files, *volumes),
            tmpfs=options.tmpfs,
            shm_bytes=shm,
            read_only=options.read_only,
            memory=size_in_bytes(options.memory, "--memory")
            if options.memory is not None
            else None,
            architecture=prepared.config.platform.architecture,
            edits=edits,
            seccomp=_profile(options),
            yields=options.yields,
        )
        parts.volumes = self._own(parts.base, volumes)
        parts.bounds = Bounds.of(parts.base)
        named = replace(process, environment=_with_hostname(process.environment, hostname))
        parts.process = named
        (parts.base / "config.json").write_text(
            json.dumps(runtime_spec(container, named)), encoding="utf-8"
        )

    def _own(self, base: Path, volumes: Sequence[Mapping[str, Any]]) -> tuple[Path, ...]:
        """Return the volumes' sources in the run's directory that are not below `base`."""
        sources = (Path(volume["source"]) for volume in volumes)
        run = self._workspace.path
        return tuple(each for each in sources if run in each.parents and base not in each.parents)

    def watch_other_containers(
        self,
        image: PreparedImage,  # noqa: ARG002
        tell: Callable[[str], None],  # noqa: ARG002
    ) -> AbstractContextManager[Others]:
        """Return a counter of zero: nothing else can start an image of this engine."""
        return contextlib.nullcontext(Others())

    def discard(self, image: PreparedImage) -> None:
        """Remove the image's tree in the background."""
        found = self._images.pop(image.handle, None)
        if found is not None:
            self._workspace.remove_in_background(found.directory)


def _profile(options: RunOptions) -> Mapping[str, Any] | None:
    """Return the seccomp profile that the options name, or None."""
    if options.confinement is None or options.confinement.seccomp is None:
        return None
    path = options.confinement.seccomp
    return parse_object(read_file(path, _MAX_PROFILE), str(path), ConfigError)


def _with_hostname(environment_words: tuple[str, ...], hostname: str) -> tuple[str, ...]:
    return (
        environment_words
        if any(word.startswith("HOSTNAME=") for word in environment_words)
        else (f"HOSTNAME={hostname}", *environment_words)
    )
