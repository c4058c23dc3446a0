"""What a policy is made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from careen.model.image import ImageConfig
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath
from careen.model.policies.policy import RunAs
from careen.model.rbom import RuntimeBom
from careen.oci.tree.rootfs import Rootfs

Rules = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Defaults:
    """Docker's default profile: its rules for a container with these capabilities.

    `known` are the system calls that the image's architecture has, `capabilities` docker's default
    set, `architectures` those whose calls it takes, in libseccomp's names.
    """

    rules: Callable[[frozenset[str]], Rules]
    known: frozenset[str]
    capabilities: frozenset[str]
    architectures: tuple[str, ...]

    def allowed(self, capabilities: frozenset[str]) -> frozenset[str]:
        """Return the calls that the profile allows, whatever their arguments."""
        return self.known & {
            name
            for rule in self.rules(capabilities)
            if rule["action"] == "SCMP_ACT_ALLOW"
            for name in rule["names"]
        }


@dataclass(frozen=True, slots=True)
class Subject:
    """An image, the RBOM of its workload, and the user that it is to run as.

    `other_user` says that the user is not the image's own. `writable` are directories that must be
    writable besides those that were written, with the reason of each.
    """

    name: str
    bom: RuntimeBom
    rootfs: Rootfs
    inventory: Inventory
    config: ImageConfig
    user: RunAs
    defaults: Defaults
    other_user: bool = False
    writable: Mapping[ImagePath, str] = field(default_factory=dict)
