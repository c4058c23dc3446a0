"""The port behind which each package manager stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from careen.model.engine import CommandResult
from careen.model.entry import Entry
from careen.model.package import Inventory
from careen.model.patching import Aim, Blocked, PatchChoices, Upgrade
from careen.model.paths import ImagePath
from careen.oci.rootfs import Rootfs
from careen.patch.bench import Bench
from careen.patch.credentials import without_credentials
from careen.patch.policy import Policy

OFFLINE = "the package sources are asked over the network, and this run has none (--offline)"
"""What a distribution's patcher says of its aims in that case."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a patcher offers for its aims. Every finding of every aim is in `closes` of an upgrade
    or in a `Blocked`.
    """

    upgrades: tuple[Upgrade, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    notes: tuple[str, ...] = ()

    def without_credentials(self) -> "Proposal":
        """Return it with none in its words: a package of the image may name an address with a token
        as what it depends on.
        """
        return Proposal(
            tuple(replace(each, origin=without_credentials(each.origin)) for each in self.upgrades),
            tuple(replace(each, detail=without_credentials(each.detail)) for each in self.blocked),
            tuple(map(without_credentials, self.notes)),
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """A file that a patcher writes itself, in place of running something in the image: its
    attributes (`entry.size` is that of `content`) and its bytes.
    """

    entry: Entry
    content: bytes


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done besides what happened in the container: files to place over it, paths to
    remove, and what should be said.
    """

    placed: tuple[Placed, ...] = ()
    removed: tuple[ImagePath, ...] = ()
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    """Versions that the image's own tools report afterwards: `manager:name` → version."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The image as it is before anything is changed, and the user's word."""

    rootfs: Rootfs
    inventory: Inventory
    choices: PatchChoices
    policy: Policy = field(default_factory=Policy)


class Patcher(Protocol):
    """One package manager at one place of the image (`apt`; one Python environment; one Node
    project). `propose` changes nothing that stays.
    """

    @property
    def name(self) -> str:
        """For people, and the `manager` of its upgrades: `apt`, `python /opt/venv`, `npm /app`,
        `jars`.
        """

    def claims(self, aim: Aim) -> bool:
        """Say whether the aim's package is this patcher's business."""

    def propose(self, aims: Sequence[Aim], bench: Bench) -> Proposal:
        """Ask the package manager what it can do.

        Raises ToolError for a source that does not answer or is not signed as it should be: the
        aims then are not surveyed.
        """

    def apply(self, upgrades: Sequence[Upgrade], bench: Bench) -> Applied:
        """Do exactly these upgrades (a part of those that were proposed, whole groups). Raises
        ToolError with the package manager's words; the image is lost then, not the original.
        """


__all__ = [
    "OFFLINE",
    "Applied",
    "Bench",
    "CommandResult",
    "Ground",
    "Patcher",
    "Placed",
    "Proposal",
]
