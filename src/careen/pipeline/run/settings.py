"""What every use case is told besides its image: where to work, which engine and sensor, where
results go.
"""

import enum
from dataclasses import dataclass, field, replace
from pathlib import Path

from careen.errors import InputError, PolicyError
from careen.model.exploration import Effort
from careen.model.image import Platform
from careen.model.plan import Level
from careen.model.repair import Repair
from careen.model.trace import SensorKind
from careen.oci.reference import DockerArchive, OciLayout, parse_reference
from careen.plan.core.rules import RuleSet, load_rules


@dataclass(frozen=True, slots=True)
class Settings:
    """Choices that hold for a whole run. `engine` is `auto`, `docker` or `embedded`; `sensor` None
    takes the best that works. `cache` is where what was found inside images is kept; None: nowhere.
    """

    work_root: Path
    engine: str = "auto"
    sensor: SensorKind | None = None
    platform: Platform | None = None
    cache: Path | None = None


class Below(enum.Enum):
    """What follows when a profile's adequacy is below the user's minimum."""

    PACKAGE = "package"  # whole packages are kept
    REFUSE = "refuse"  # nothing is stripped


@dataclass(frozen=True, slots=True)
class PlanChoices:
    """What the user says about keeping and removing (globs that are valid, rules that have been
    read), what verification failed without, and whether symbols stay.
    """

    level: Level = Level.CLOSURE
    keep: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    rules: RuleSet = field(default_factory=load_rules)
    repairs: tuple[Repair, ...] = ()
    keep_symbols: bool = False


@dataclass(frozen=True, slots=True)
class ProofChoices:
    """How sure the user wants to be: how much is tried beyond the tests, how often repair may try,
    the least adequacy (a share, None: any) and what follows below it, and regular expressions of
    what may differ in answers and logs.
    """

    effort: Effort = Effort.SAFE
    rounds: int = 5
    minimum: float | None = None
    below: Below = Below.PACKAGE
    noise: tuple[str, ...] = ()

    def at_adequacy(self, reason: str | None, choices: PlanChoices, then: str = "") -> PlanChoices:
        """Return how to plan when the adequacy is below the minimum for this reason (None: it is
        not). Raises PolicyError, with the reason and `then`, where nothing is to be done.
        """
        if reason is None:
            return choices
        if self.below is Below.REFUSE:
            raise PolicyError(reason + then)
        return replace(choices, level=Level.PACKAGE)


Output = OciLayout | DockerArchive


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a new image goes: a tag in the engine's store, files, or both."""

    tag: str | None = None
    outputs: tuple[Output, ...] = field(default=())

    def require(self) -> None:
        """Raise InputError when there is none."""
        if self.tag is None and not self.outputs:
            msg = (
                "no destination: give -t TAG (the engine's store), -o oci:DIR or -o"
                " docker-archive:FILE"
            )
            raise InputError(msg)

    def describe(self) -> tuple[str, ...]:
        """Return the destinations in the words that the user would use to name them."""
        return (*((self.tag,) if self.tag else ()), *(str(output) for output in self.outputs))


def parse_output(text: str) -> Output:
    """Read an `-o` value. Raises InputError for anything but `oci:DIR[:TAG]` and
    `docker-archive:FILE[:REF]`.
    """
    reference = parse_reference(text)
    if not isinstance(reference, OciLayout | DockerArchive):
        msg = f"output {text!r}: expected oci:DIR[:TAG] or docker-archive:FILE[:REF]"
        raise InputError(msg)
    return reference
