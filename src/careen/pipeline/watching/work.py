"""Inputs of a pass of `careen watch`: how to harden an image, and common options."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from careen.pipeline.run.settings import Settings
from careen.pipeline.watching.image_list import Watched
from careen.pipeline.watching.inputs import DatabaseFingerprints
from careen.report.terminal_output.progress import Progress

if TYPE_CHECKING:
    from careen.pipeline.findings.finding_policy import FindingPolicy
    from careen.pipeline.harden import HardenRequest


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to harden one image: the request, and the directory of its careen.toml.

    Its tests run in that directory.
    """

    request: "HardenRequest"
    settings: Settings
    directory: Path


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
