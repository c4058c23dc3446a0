"""What is certain about upgrades by the inventory alone: no image is read, no container runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from careen.model.packages.package import Ecosystem
from careen.model.patching import Aim, Blocked
from careen.patch.jars.foresee import foresee_jars
from careen.patch.port import Ground
from careen.patch.rebuild import COMPILED, explain


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Findings that no upgrade closes, aims with a version on offer, and all other aims.

    The package manager of an `unasked` aim runs in the image, and has to be asked there.
    """

    blocked: tuple[Blocked, ...]
    offered: tuple[Aim, ...]
    unasked: tuple[Aim, ...]


def foresee(ground: Ground, aims: Sequence[Aim]) -> Foreseen:
    """Sort aims by what is certain of them; `ground` may be an index without content.

    Raises ToolError if a repository outside the image does not answer.
    """
    packages = ground.inventory.packages
    jars = [aim for aim in aims if aim.ecosystem is Ecosystem.MAVEN and aim.purl in packages]
    compiled = [aim for aim in aims if aim.ecosystem in COMPILED]
    blocked, offered = foresee_jars(ground, jars)
    sure = {aim.purl for aim in (*jars, *compiled)}
    return Foreseen(
        (*blocked, *explain(ground, compiled)),
        offered,
        tuple(aim for aim in aims if aim.purl not in sure),
    )
