"""What somebody else than the workload demands of a plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from careen.model.paths import ImagePath


@dataclass(frozen=True, slots=True)
class Terms:
    """Paths that must stay and paths that must go, each with its reason; what stays wins.

    `whole`: at level `package`, a package of which any file stays is whole, with its dependencies.
    """

    keep: Mapping[ImagePath, str] = field(default_factory=dict)
    remove: Mapping[ImagePath, str] = field(default_factory=dict)
    whole: bool = False
