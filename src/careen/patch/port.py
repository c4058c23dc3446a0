"""Port that each package manager implements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from careen.model.entry import Entry
from careen.model.packages.package import Inventory
from careen.model.patching import Aim, Blocked, PatchChoices, Upgrade
from careen.model.paths import ImagePath
from careen.model.runs.engine import CommandResult
from careen.oci.tree.rootfs import Rootfs
from careen.patch.credentials import without_credentials
from careen.patch.policy import Policy
from careen.patch.sandbox import Sandbox

OFFLINE = "the package sources need the network, and --offline forbids it"
"""What a distribution's patcher says of its aims when it has no network."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Offer of a patcher: every finding of its aims is in `closes` or in a `Blocked`."""

    upgrades: tuple[Upgrade, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    notes: tuple[str, ...] = ()

    def without_credentials(self) -> "Proposal":
        """Return a copy without credentials in its texts."""
        # A package of the image may depend on an address with a token.
        return Proposal(
            tuple(replace(each, origin=without_credentials(each.origin)) for each in self.upgrades),
            tuple(replace(each, detail=without_credentials(each.detail)) for each in self.blocked),
            tuple(map(without_credentials, self.notes)),
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """A file that a patcher writes itself; `entry.size` is the size of `content`."""

    entry: Entry
    content: bytes


@dataclass(frozen=True, slots=True)
class Applied:
    """Result of `apply` in addition to the changes in the container.

    `placed` files go over the container's, `removed` paths are removed, `notes` are shown.
    """

    placed: tuple[Placed, ...] = ()
    removed: tuple[ImagePath, ...] = ()
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    """Versions that the image's own tools report afterwards: `manager:name` → version."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The image before any change, and the user's choices."""

    rootfs: Rootfs
    inventory: Inventory
    choices: PatchChoices
    policy: Policy = field(default_factory=Policy)


class Patcher(Protocol):
    """One package manager at one place of the image (`apt`, one environment, one project)."""

    @property
    def name(self) -> str:
        """Name in messages, and the `manager` of its upgrades: `apt`, `python /opt/venv`."""

    def claims(self, aim: Aim) -> bool:
        """Return whether this patcher is responsible for the aim's package."""

    def propose(self, aims: Sequence[Aim], sandbox: Sandbox) -> Proposal:
        """Ask the package manager what it can do; no change stays.

        Raises ToolError if a source does not answer or is not signed as it should be: the aims
        then are not surveyed.
        """

    def apply(self, upgrades: Sequence[Upgrade], sandbox: Sandbox) -> Applied:
        """Apply exactly these upgrades, whole groups of those that were proposed.

        Raises ToolError with the package manager's words; the image is then unusable, not the
        original.
        """


__all__ = [
    "OFFLINE",
    "Applied",
    "CommandResult",
    "Ground",
    "Patcher",
    "Placed",
    "Proposal",
    "Sandbox",
]
