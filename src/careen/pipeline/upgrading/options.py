"""The user's options for upgrading one image."""

from dataclasses import dataclass, field

from careen.model.patching import PatchChoices
from careen.patch.policy import Policy


@dataclass(frozen=True, slots=True)
class PatchOptions:
    """The user's choices for patching; `squash` makes the result one layer.

    `taken` names in words the choices that come from this machine's settings.
    """

    choices: PatchChoices
    policy: Policy = field(default_factory=Policy)
    squash: bool = False
    taken: tuple[str, ...] = ()
