"""Inputs of a pass of `careen watch`: how to harden an image, and common options."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from careen.pipeline.run.settings import Destination, Settings
from careen.pipeline.watching.image_list import Watched
from careen.pipeline.watching.inputs import DatabaseFingerprints
from careen.report.terminal_output.progress import Progress

if TYPE_CHECKING:
    from careen.model.integration import Outcome
    from careen.pipeline.findings.finding_policy import FindingPolicy
    from careen.pipeline.upgrading.options import PatchOptions


class Update(Protocol):
    """Function that brings a result up to date as `careen ci`; with `again` it does everything.

    It runs in the current directory. `careen ci` and `careen fleet` find the result. With `push`
    the result goes to docker's store, and from there to the registry of its tag.
    """

    def __call__(
        self, database: Path, progress: Progress, *, again: bool = False, push: bool = False
    ) -> "Outcome":
        """Do it. Raises CareenError."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What the package managers of an image are asked: which upgrades there are."""

    image: str
    wishes: "PatchOptions"
    destination: Destination
    judgement: "FindingPolicy"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to harden one image, and the directory of its careen.toml, in which its tests run.

    `asking` is None if nothing is upgraded in it. `evidence` is where a run leaves its report.
    """

    update: Update
    asking: Asking | None
    judgement: "FindingPolicy"
    settings: Settings
    directory: Path
    evidence: Path


@dataclass(frozen=True, slots=True)
class Work:
    """Options for all images of a pass.

    `prepare` reads an image's careen.toml and raises InputError. `judgement` reads only the finding
    policy, which is faster. `database` None uses each image's own.
    """

    state: Path
    prepare: Callable[[Watched], Recipe]
    judgement: "Callable[[Watched], FindingPolicy]"
    progress: Progress
    judges: DatabaseFingerprints
    clock: Callable[[], float]
    database: Path | None = None
    push: bool = False
    again: bool = False
    dry_run: bool = False
