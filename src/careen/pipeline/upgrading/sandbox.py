"""The sandbox: a container of an image for package managers, one for each attempt."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from careen.engines.embedded.container import RuncContainer
from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.network.egress import ENVIRONMENT, ByteBudget
from careen.engines.sandbox import copy_idle_program, sandbox_options
from careen.errors import CareenError, ImageError, InputError, ToolError
from careen.model.patching import PatchChoices
from careen.model.paths import ImagePath
from careen.model.runs.engine import Container, PreparedImage
from careen.oci.tree.rootfs import Rootfs
from careen.patch.sandbox import INSIDE, Sandbox
from careen.pipeline.profiling.profile import prepare
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import open_source
from careen.pipeline.upgrading.egress import egress_policy

CERTIFICATES = "certificates.pem"
_TRUST = (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "PIP_CERT",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
)
"""Variables that name the CA certificates for package managers and their libraries."""

HOST_NETWORK = "--host-network: programs of the image run as root in this machine's own network"


@dataclass(frozen=True, slots=True)
class SandboxFactory:
    """Opens sandboxes of one image; `epoch` is the `SOURCE_DATE_EPOCH` of what is made.

    All share `scratch`, so that package lists and downloads are fetched once.
    """

    prepared: PreparedImage
    choices: PatchChoices
    epoch: int
    session: Session
    scratch: Path
    tooling: PreparedImage | None = None
    budget: ByteBudget = field(default_factory=ByteBudget)

    @contextmanager
    def open(self) -> Iterator[Sandbox]:
        """Yield a sandbox with a fresh container. Raises ToolError if it cannot be started."""
        with ExitStack() as stack:
            container = stack.enter_context(self._container(self.prepared))
            tooling = (
                stack.enter_context(self._container(self.tooling))
                if self.tooling is not None
                else None
            )
            yield Sandbox(container, self.scratch, self._environment(), tooling)

    def _environment(self) -> Mapping[str, str]:
        given = environment(self.choices, self.epoch)
        return {**given, **ENVIRONMENT} if self._by_proxy else given

    @property
    def _by_proxy(self) -> bool:
        """Whether the container has its own network, with one proxy that leads out."""
        return _is_by_proxy(self.choices, self.session)

    def _network(self) -> str | None:
        """Return the network for the engine: "none", "host", or None for the engine's default."""
        if not self.choices.online:
            return "none"
        return "host" if self.choices.host_network else None

    @contextmanager
    def _container(self, image: PreparedImage) -> Iterator[Container]:
        options = sandbox_options(self.scratch, network=self._network())
        container = self.session.engine.create(image, options, ())
        try:
            if self._by_proxy and isinstance(container, RuncContainer):
                container.open_egress(egress_policy(self.choices, os.environ), self.budget)
            container.start()
            yield container
        finally:
            container.remove()


def _is_by_proxy(choices: PatchChoices, session: Session) -> bool:
    embedded = isinstance(session.engine, EmbeddedEngine)
    return embedded and choices.online and not choices.host_network


def environment(choices: PatchChoices, epoch: int) -> Mapping[str, str]:
    """Return the environment of every command on the sandbox; the user's variables win.

    Raises InputError for a word that is not NAME=VALUE.
    """
    given: dict[str, str] = {}
    for word in choices.environment:
        name, equals, value = word.partition("=")
        if not name or not equals:
            msg = (
                f"--patch-env {name!r}: expected NAME=VALUE, or the NAME of a variable that is set"
                " here"
            )
            raise InputError(msg)
        given[name] = value
    trust = dict.fromkeys(_TRUST, f"{INSIDE}/{CERTIFICATES}") if choices.certificates else {}
    return {"SOURCE_DATE_EPOCH": str(epoch), "LC_ALL": "C.UTF-8", "HOME": "/root", **trust, **given}


def make_scratch(choices: PatchChoices, session: Session) -> Path:
    """Return a directory for sandboxes to share, with what a container needs to run.

    Raises InputError.
    """
    scratch = session.scratch("sandbox")
    scratch.chmod(0o777)
    copy_idle_program(scratch)
    _put_certificates(choices, scratch)
    return scratch


def _put_certificates(choices: PatchChoices, scratch: Path) -> None:
    if not choices.certificates:
        return
    try:
        shutil.copyfile(choices.certificates, scratch / CERTIFICATES)
    except OSError as error:
        msg = f"--ca {choices.certificates!r}: {error.strerror}"
        raise InputError(msg) from error
    # Every user of the container must be able to read it.
    os.chmod(scratch / CERTIFICATES, 0o644)  # noqa: PTH101


@contextmanager
def tooling_image(name: str, session: Session) -> Iterator[PreparedImage | None]:
    """Yield the image that lends its package manager to one without; None without a name.

    Raises InputError or ToolError.
    """
    if not name:
        yield None
        return
    try:
        image = open_source(name, session)
    except CareenError as error:
        error.add_note(f"it was named with --tooling {name}")
        raise
    with image:
        prepared = prepare(image, session.engine, session.stored_for(session.engine))
    try:
        yield prepared
    finally:
        session.engine.discard(prepared)


def require_sandbox(session: Session, choices: PatchChoices) -> None:
    """Check early that sandboxes can work.

    Raises InputError for missing files, ToolError if the engine is on another machine.
    """
    environment(choices, 0)
    if _is_by_proxy(choices, session):
        egress_policy(choices, os.environ)
    if choices.host_network and choices.online:
        session.progress.note(HOST_NETWORK)
    for option, names in (
        ("--source-key", choices.keys),
        ("--find-links", choices.find_links),
        ("--ca", (choices.certificates,) if choices.certificates else ()),
    ):
        for name in names:
            if "://" not in name and not Path(name).exists():
                msg = f"{option} {name!r}: there is no such file here"
                raise InputError(msg)
    if (
        not isinstance(session.engine, EmbeddedEngine)
        and (host := os.environ.get("DOCKER_HOST", ""))
        and not host.startswith("unix:")
    ):
        msg = (
            "patching shares a directory with the container, and docker's daemon is on another"
            " machine (DOCKER_HOST): run careen there, or --engine embedded"
        )
        raise ToolError(msg)


def require_place(rootfs: Rootfs) -> None:
    """Raise ImageError if the image has something other than a directory at the sandbox's path."""
    # A link would lead the sandbox over the image's files.
    there = rootfs.get(ImagePath(INSIDE))
    if there is not None and not there.is_dir:
        msg = (
            f"{INSIDE}: the image already has this path, which careen needs for the patch sandbox;"
            " remove it from the image"
        )
        raise ImageError(msg)
