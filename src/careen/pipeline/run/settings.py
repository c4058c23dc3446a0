"""Settings of all use cases: work directory, engine, sensor, proof, destination."""

import enum
from dataclasses import dataclass, field, replace
from pathlib import Path

from careen.errors import InputError, PolicyError
from careen.model.catalog.terms import Terms
from careen.model.image import Platform
from careen.model.plan import Level
from careen.model.repair import Repair
from careen.model.rewriting.layer_scheme import LayerScheme
from careen.model.runs.drift import Missed
from careen.model.runs.exploration import Effort
from careen.model.runs.trace import SensorKind
from careen.oci.manifest import Compression
from careen.oci.recognise import output_at
from careen.oci.reference import (
    DockerArchive,
    EngineImage,
    OciArchive,
    OciLayout,
    RegistryImage,
    StorageImage,
    parse_reference,
)
from careen.plan.as_before import Previous
from careen.plan.core.rules import RuleSet, load_rules


class Pull(enum.Enum):
    """When a plain name is looked up in its registry, as in docker run."""

    MISSING = "missing"  # if no engine's store has it
    NEVER = "never"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Settings:
    """Choices for a whole run.

    `engine` is `auto`, `docker`, `podman` or `embedded`. `sensor` None takes the best usable one.
    `cache` None keeps no image contents. `tls_verify` None verifies, except that a registry on this
    machine may speak plain HTTP. `layers` is how a stripped image is cut.
    """

    work_root: Path
    engine: str = "auto"
    sensor: SensorKind | None = None
    platform: Platform | None = None
    cache: Path | None = None
    pull: Pull = Pull.MISSING
    tls_verify: bool | None = None
    layers: LayerScheme = LayerScheme.ORIGINAL


class Below(enum.Enum):
    """What happens if a profile's adequacy is below the user's minimum."""

    PACKAGE = "package"  # whole packages are kept
    REFUSE = "refuse"  # nothing is stripped


@dataclass(frozen=True, slots=True)
class PlanChoices:
    """The user's choices for a plan.

    `keep`, `remove` and `remove_unneeded` (what goes unless a kept file needs it) are valid globs.
    `repairs` are paths that verification failed without, `missed` those that a running container
    used. `terms` are what the contract of a base demands and forbids. `like` names an earlier
    result, and `previous` is what it has, once it was read.
    """

    level: Level = Level.CLOSURE
    keep: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    rules: RuleSet = field(default_factory=load_rules)
    repairs: tuple[Repair, ...] = ()
    missed: tuple[Missed, ...] = ()
    terms: Terms = field(default_factory=Terms)
    remove_unneeded: tuple[str, ...] = ()
    keep_symbols: bool = False
    like: str | None = None
    previous: Previous | None = None


@dataclass(frozen=True, slots=True)
class ProofChoices:
    """The user's choices for exploration, repair and verification.

    `minimum` is the least adequacy, a share (None: any). `noise` are regular expressions of what
    may differ in answers and logs.
    """

    effort: Effort = Effort.SAFE
    rounds: int = 5
    minimum: float | None = None
    below: Below = Below.PACKAGE
    noise: tuple[str, ...] = ()

    def at_adequacy(self, reason: str | None, choices: PlanChoices, then: str = "") -> PlanChoices:
        """Return the plan choices, given the reason why the adequacy is too low (None: it is not).

        Raises PolicyError, with the reason and `then`, if nothing may be stripped.
        """
        if reason is None:
            return choices
        if self.below is Below.REFUSE:
            raise PolicyError(reason + then)
        return replace(choices, level=Level.PACKAGE)


Output = OciLayout | DockerArchive | OciArchive
Place = Output | RegistryImage | StorageImage


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a new image goes: a tag in the engine's store, files, registries, or several of these.

    `attach`: documents of the report are attached to it in registries. `compression` is that of
    layers in OCI layouts and registries; elsewhere they are unpacked.
    """

    tag: str | None = None
    outputs: tuple[Place, ...] = field(default=())
    attach: bool = False
    compression: Compression = Compression.GZIP

    @property
    def files(self) -> tuple[Output, ...]:
        """The outputs that are files or directories."""
        return tuple(
            one for one in self.outputs if not isinstance(one, RegistryImage | StorageImage)
        )

    @property
    def pushed(self) -> tuple[RegistryImage | StorageImage, ...]:
        """The outputs that skopeo copies the image to."""
        return tuple(one for one in self.outputs if isinstance(one, RegistryImage | StorageImage))

    @property
    def packs(self) -> bool:
        """Whether an output has packed layers."""
        return any(not isinstance(one, DockerArchive | OciArchive) for one in self.outputs)

    @property
    def is_packed(self) -> bool:
        """Whether all outputs have packed layers."""
        return all(not isinstance(one, DockerArchive | OciArchive) for one in self.outputs)

    @property
    def is_registry_alone(self) -> bool:
        """Whether the image goes to registries and nowhere else."""
        return self.tag is None and all(isinstance(one, RegistryImage) for one in self.outputs)

    def require(self) -> None:
        """Raise InputError if there is neither a tag nor an output."""
        if self.tag is None and not self.outputs:
            msg = (
                "no destination: give -t TAG (the engine's store), -t TAG --push (its registry), or"
                " -o with docker://NAME, oci:DIR or docker-archive:FILE"
            )
            raise InputError(msg)
        if self.attach and not any(isinstance(one, RegistryImage) for one in self.outputs):
            msg = "--attach: attaches to a result in a registry; give --push or -o docker://NAME"
            raise InputError(msg)

    def describe(self) -> tuple[str, ...]:
        """Return the destinations as the user would name them."""
        return (*((self.tag,) if self.tag else ()), *(str(output) for output in self.outputs))


def parse_output(text: str) -> Output:
    """Parse the name of a file or directory to write. Raises InputError."""
    place = parse_place(text)
    if isinstance(place, RegistryImage | StorageImage):
        msg = f"output {text!r}: expected a file or directory"
        raise InputError(msg)
    return place


def parse_place(text: str) -> Place:
    """Parse an `-o` value; a path is an archive (`./FILE.tar`) or a layout (`./DIR/`).

    Raises InputError.
    """
    reference = parse_reference(output_at(text))
    if isinstance(reference, EngineImage):
        msg = (
            f"output {text!r}: expected docker://NAME, containers-storage:NAME, oci:DIR[:TAG],"
            " docker-archive:FILE[:REF], ./FILE.tar or ./DIR/"
        )
        raise InputError(msg)
    return reference
