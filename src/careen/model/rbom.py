"""The runtime bill of materials: what a workload was seen to use, attributed to files and packages
of one image.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace

from careen.model.completeness import Completeness, completeness
from careen.model.masking import masked, masked_words
from careen.model.paths import ImagePath
from careen.model.trace import Endpoint, Phase, SensorInfo, Use

IMPORT_SWEEP = "explore:imports"
"""The workload of the run in which careen imports what the workload did not: what modules ask for
there is asked for by nothing that the service does.
"""


@dataclass(frozen=True, slots=True)
class FileUse:
    """One way in which a file was used: how, when, and by which program (its path in the image, ""
    if unknown).

    `origin` is the name of the workload that showed it.
    """

    use: Use
    phases: frozenset[Phase]
    executable: str
    origin: str


@dataclass(frozen=True, slots=True)
class UsedFile:
    """A path of the image that was used. `sha256` (hex) and `size` are of regular files; `target`
    is a symlink's text; `layer` is the diff ID of the layer that it comes from; `packages` are the
    purls of its owners, empty if nobody owns it.
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
    """A path that was looked for and is not in the image: `path` is where the walk through the
    image's links ended up.
    """

    path: ImagePath
    errno: int
    phases: frozenset[Phase]
    executable: str
    origin: str


@dataclass(frozen=True, slots=True)
class ImageRef:
    """Which image: the reference that the user gave, the manifest digest (or None where the store
    keeps none), the config digest, the diff IDs.
    """

    reference: str
    manifest_digest: str | None
    config_digest: str
    diff_ids: tuple[str, ...]
    platform: str

    @property
    def digest(self) -> str:
        """The digest that names the image best: the manifest's, else the config's."""
        return self.manifest_digest or self.config_digest


class RunKind(enum.Enum):
    """What kind of run an observation comes from."""

    WORKLOAD = "workload"  # the user's workload, in a container that careen started
    # careen's own experiments: they widen what is kept, and say nothing of what the workload
    # executes
    EXPLORATION = "exploration"
    ATTACHED = "attached"  # a container of somebody else's that was already running
    # carried over, file by file by digest, from the RBOM of another version of the image
    CARRIED = "carried"


@dataclass(frozen=True, slots=True)
class Run:
    """One observed run. `started` is RFC 3339 UTC; `seconds` its length; `command` the container's
    argv; `tests` the commands; `checked` as in WorkloadResult. `workload` is the `origin` of all
    uses that it showed; that of an exploration begins with `explore:`, which no user's workload
    may. `adequacy` is the score of `Adequacy` for this run, None if unknown.
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
        """Mask what looks like a secret: a run is made to be stored."""
        object.__setattr__(self, "command", masked_words(self.command))
        object.__setattr__(self, "tests", tuple(map(masked, self.tests)))


@dataclass(frozen=True, slots=True)
class RuntimeBom:
    """The RBOM of one image, over one or more runs. `outside` counts touches on other file systems
    (volumes, /proc …); `unresolved` the touches whose path the index and the kernel disagree about
    (0 unless something is wrong). `packages` maps the purls that `files` name to (name, version,
    ecosystem).
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
        """The one verdict on whether these runs saw all that was done in them."""
        return completeness((run.sensor.losses for run in self.runs), self.unresolved)

    @property
    def saw_start(self) -> bool:
        """Some run saw a container of this very image from its first exec. Attached runs came
        later, and carried ones saw another version: what a start alone opens is not in them, and
        its absence says nothing.
        """
        return any(run.kind in (RunKind.WORKLOAD, RunKind.EXPLORATION) for run in self.runs)

    def without_exploration(self) -> "RuntimeBom":
        """What workloads (attached and carried ones too) were seen to use: triage and adequacy rest
        on this, planning on all of it.
        """
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

    @property
    def evidence(self) -> frozenset[Use]:
        """The uses that every run's sensor could see."""
        sets = [run.sensor.evidence for run in self.runs]
        return frozenset.intersection(*sets) if sets else frozenset()
