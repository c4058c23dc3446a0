"""What a run of `careen ci` was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from careen.model.integration import Mode
from careen.model.runs.workload import Workload
from careen.pipeline.findings.finding_policy import FindingPolicy
from careen.pipeline.findings.scan_outputs import Output
from careen.pipeline.run.settings import Destination, PlanChoices, ProofChoices

if TYPE_CHECKING:
    from careen.pipeline.upgrading.options import PatchOptions  # slow to import


@dataclass(frozen=True, slots=True)
class CiRequest:
    """The image, what to do with it, and where the next run finds the result.

    `folder` holds what a run leaves for the next one of this `name`, `evidence` is the report of
    the run. `named` are files that decide about the result. With `key` the result is attested.
    `about` is the vulnerability whose fix alone is reason to work ("": any new fix is), `fixes` are
    identifiers whose upgrades are asked for again. `again` does the whole work in any case.
    `explore_always` explores a new application, too. A new result goes to `first` before it goes to
    the destination, so that a push that failed is made up for without work.
    """

    name: str
    mode: Mode
    image: str
    workloads: tuple[Workload, ...]
    choices: PlanChoices
    destination: Destination
    folder: Path
    evidence: Path
    proof: ProofChoices = field(default_factory=ProofChoices)
    patch: "PatchOptions | None" = None
    database: Path | None = None
    judgement: FindingPolicy = field(default_factory=FindingPolicy)
    outputs: tuple[Output, ...] = ()
    named: tuple[Path, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None
    about: str = ""
    fixes: tuple[str, ...] = ()
    again: bool = False
    explore_always: bool = False
    first: Destination | None = None
