"""The RBOM: the files, packages, system calls and endpoints that workloads used."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace

from careen.model.paths import ImagePath
from careen.model.runs.completeness import Completeness, completeness
from careen.model.runs.masking import masked, masked_words
from careen.model.runs.trace import Endpoint, Phase, SensorInfo, Use

# What these modules look up, the service itself does not look up.
IMPORT_SWEEP = "explore:imports"
"""Name of the run that imports modules that the workload did not import."""


@dataclass(frozen=True, slots=True)
class FileUse:
    """One observed use of a file.

    `executable` is the image path of the program, "" if unknown. `origin` is the workload's name.
    """

    use: Use
    phases: frozenset[Phase]
    executable: str
    origin: str


@dataclass(frozen=True, slots=True)
class UsedFile:
    """A path of the image that was used.

    `sha256` (hex) and `size` are those of regular files; `target` is a symlink's text. `layer` is
    the diff ID of its layer. `packages` are the purls of its owners.
    """

    path: ImagePath
    kind: str
    sha256: str
    size: int
    layer: str
    packages: tuple[str, ...]
    uses: tuple[FileUse, ...]
    target: str = ""


@dataclass(frozen=True, slots=True)
class MissedPath:
    """A path that was looked up but is not in the image.

    `path` is where the walk through the image's links ended.
    """

    path: ImagePath
    errno: int
    phases: frozenset[Phase]
    executable: str
    origin: str


@dataclass(frozen=True, slots=True)
class ImageRef:
    """Identity of an image.

    `reference` is what the user gave. `manifest_digest` is None if the store keeps no manifest.
    """

    reference: str
    manifest_digest: str | None
    config_digest: str
    diff_ids: tuple[str, ...]
    platform: str

    @property
    def digest(self) -> str:
        """The manifest digest, else the config digest."""
        return self.manifest_digest or self.config_digest


class RunKind(enum.Enum):
    """Kind of an observed run."""

    WORKLOAD = "workload"  # the user's workload, in a container that careen started
    # careen's own experiments: they widen what is kept, and do not count as workload execution
    EXPLORATION = "exploration"
    ATTACHED = "attached"  # a container that was already running and that careen did not start
    # carried over from the RBOM of another version of the image, matched by file digest
    CARRIED = "carried"


@dataclass(frozen=True, slots=True)
class Run:
    """One observed run.

    `started` is RFC 3339 UTC; `seconds` is its length; `command` is the container's argv. `checked`
    is as in WorkloadResult. `workload` is the `origin` of its uses; only explorations start with
    `explore:`. `adequacy` is the score of `Adequacy`, None if unknown.
    """

    workload: str
    command: tuple[str, ...]
    started: str
    seconds: float
    tests: tuple[str, ...]
    checked: str
    sensor: SensorInfo
    engine: str
    kind: RunKind = RunKind.WORKLOAD
    adequacy: float | None = None

    def __post_init__(self) -> None:
        """Mask likely secrets, because a run is stored."""
        object.__setattr__(self, "command", masked_words(self.command))
        object.__setattr__(self, "tests", tuple(map(masked, self.tests)))


@dataclass(frozen=True, slots=True)
class RuntimeBom:
    """The RBOM of one image, over one or more runs.

    `outside` counts touches on other file systems (volumes, /proc, …). `unresolved` counts touches
    whose path the index and the kernel resolve differently (normally 0). `packages` maps the purls
    in `files` to (name, version, ecosystem).
    """

    image: ImageRef
    runs: tuple[Run, ...]
    files: tuple[UsedFile, ...]
    missed: tuple[MissedPath, ...]
    syscalls: Mapping[Phase, tuple[str, ...]]
    endpoints: tuple[Endpoint, ...]
    packages: Mapping[str, tuple[str, str, str]]
    outside: int = 0
    unresolved: int = 0

    @property
    def completeness(self) -> Completeness:
        """Whether the runs recorded everything."""
        return completeness((run.sensor.losses for run in self.runs), self.unresolved)

    @property
    def emulated(self) -> bool:
        """Whether an emulator ran programs in some run."""
        return any(run.sensor.emulated for run in self.runs)

    @property
    def syscalls_unknown(self) -> bool:
        """Whether nothing is known of system calls, as all that ran was emulated."""
        return self.emulated and not self.syscalls

    @property
    def saw_start(self) -> bool:
        """Whether some run watched a container of this image from its first exec."""
        # Attached runs start later, and carried ones come from another version. They lack what only
        # the start opens.
        return any(run.kind in (RunKind.WORKLOAD, RunKind.EXPLORATION) for run in self.runs)

    def without_exploration(self) -> "RuntimeBom":
        """Return the RBOM without exploration runs; attached and carried runs stay."""
        # Triage and adequacy use this one; planning uses the whole RBOM.
        explored = frozenset(run.workload for run in self.runs if run.kind is RunKind.EXPLORATION)
        if not explored:
            return self
        kept = (
            (file, tuple(use for use in file.uses if use.origin not in explored))
            for file in self.files
        )
        files = tuple(replace(file, uses=uses) for file, uses in kept if uses)
        owners = frozenset(purl for file in files for purl in file.packages)
        return replace(
            self,
            runs=tuple(run for run in self.runs if run.kind is not RunKind.EXPLORATION),
            files=files,
            packages={purl: package for purl, package in self.packages.items() if purl in owners},
            missed=tuple(missed for missed in self.missed if missed.origin not in explored),
        )

    def only_exploration(self) -> "RuntimeBom | None":
        """Return the RBOM of the exploration runs alone, None without one.

        Endpoints are left out. System calls have no run, so all of them stay.
        """
        explored = frozenset(run.workload for run in self.runs if run.kind is RunKind.EXPLORATION)
        if not explored:
            return None
        kept = (
            (file, tuple(use for use in file.uses if use.origin in explored)) for file in self.files
        )
        files = tuple(replace(file, uses=uses) for file, uses in kept if uses)
        owners = frozenset(purl for file in files for purl in file.packages)
        return replace(
            self,
            runs=tuple(run for run in self.runs if run.kind is RunKind.EXPLORATION),
            files=files,
            packages={purl: package for purl, package in self.packages.items() if purl in owners},
            missed=tuple(missed for missed in self.missed if missed.origin in explored),
            endpoints=(),
        )

    @property
    def evidence(self) -> frozenset[Use]:
        """The uses that every run's sensor can see."""
        sets = [run.sensor.evidence for run in self.runs]
        return frozenset.intersection(*sets) if sets else frozenset()
