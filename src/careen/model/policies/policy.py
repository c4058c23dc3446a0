"""A runtime policy: what a container of one image may do, each permission with its reason."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.policies.proof import PolicyProof


class CallSource(enum.Enum):
    """Why a system call is allowed."""

    OBSERVED = "observed"  # the workload made it
    VARIANT = "variant"  # it does what an observed one does, under another name
    FLOOR = "floor"  # runtime, C library and signals need it, whatever the tests did


@dataclass(frozen=True, slots=True)
class AllowedCall:
    """A system call that the policy allows, and why.

    `reason` names the phases, the observed call, or what needs it.
    """

    name: str
    source: CallSource
    reason: str


@dataclass(frozen=True, slots=True)
class Calls:
    """The system calls of a policy; `unknown` is the reason if nothing is known of them.

    `architecture` is Go's name. `default` counts the calls that docker's default profile allows on
    it, None if unknown. `refused` were observed, but docker's default refuses them.
    """

    architecture: str
    allowed: tuple[AllowedCall, ...] = ()
    default: int | None = None
    refused: tuple[str, ...] = ()
    unknown: str = ""

    @property
    def names(self) -> frozenset[str]:
        """Names of the allowed calls."""
        return frozenset(call.name for call in self.allowed)


@dataclass(frozen=True, slots=True)
class Capability:
    """A capability (`CAP_…`) that the workload needs, and what shows it."""

    name: str
    reason: str


class WritableBy(enum.Enum):
    """How a path is made writable below a root that is not."""

    TMPFS = "tmpfs"  # it is empty in the image
    VOLUME = "volume"  # it has files in the image, which a volume of docker starts with


@dataclass(frozen=True, slots=True)
class Writable:
    """A directory that must be writable.

    `uid`, `gid` and `mode` are its owner and permission bits. `executable` says that code is
    mapped from it. `reason` names who wrote there.
    """

    path: str
    by: WritableBy
    uid: int
    gid: int
    mode: int
    executable: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Peer:
    """A network address that the workload connected or sent to."""

    address: str
    port: int
    udp: bool


ASKED = "--user"
"""The source of a user that is not the image's own."""


@dataclass(frozen=True, slots=True)
class RunAs:
    """The user of the container: numeric ids, the home directory, and where they come from.

    `groups` are those besides the primary one, `gid`.
    """

    uid: int
    gid: int
    home: str
    source: str
    groups: tuple[int, ...] = ()

    @property
    def is_asked(self) -> bool:
        """Whether the user of careen named it."""
        return self.source == ASKED


@dataclass(frozen=True, slots=True)
class ChangedPath:
    """A path of the new image with another owner, mode or content, and why."""

    path: str
    uid: int
    gid: int
    mode: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImageChanges:
    """What lets the new image run as another user than the original.

    `environment` are the variables that were set; `left` names what was not changed, and why.
    """

    original: str
    paths: tuple[ChangedPath, ...]
    environment: Mapping[str, str]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a container of an image may do, from the RBOM of a workload.

    `image` is the reference, `digest` its digest, `rbom_of` the digest of the image that was
    profiled. `fixed_root` and `privileges` are the reasons why the root cannot be read-only and why
    programs must be able to gain privileges. `network_unknown` is the reason if ports and addresses
    are not known. `unknown` says what else the RBOM does not show, `left_open` what the policy does
    not stop. `changes` are of a new image.
    """

    name: str
    image: str
    digest: str
    rbom_of: str
    audit: bool
    user: RunAs
    calls: Calls
    capabilities: tuple[Capability, ...]
    writable: tuple[Writable, ...]
    fixed_root: tuple[str, ...]
    privileges: tuple[str, ...]
    ports: tuple[int, ...]
    peers: tuple[Peer, ...]
    network_unknown: str
    unknown: tuple[str, ...]
    left_open: tuple[str, ...] = ()
    changes: ImageChanges | None = None
    proof: PolicyProof | None = None

    @property
    def read_only(self) -> bool:
        """Whether the root can be read-only."""
        return not self.fixed_root

    @property
    def no_new_privileges(self) -> bool:
        """Whether no program needs to gain privileges."""
        return not self.privileges
