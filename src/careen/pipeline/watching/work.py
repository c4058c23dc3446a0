"""What a pass of `careen watch` is given: how an image is hardened, and what holds for all."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from careen.pipeline.run.settings import Settings
from careen.pipeline.watching.image_list import Watched
from careen.pipeline.watching.inputs import Judges
from careen.report.progress import Progress

if TYPE_CHECKING:
    from careen.pipeline.findings.finding_policy import Judgement
    from careen.pipeline.harden import HardenRequest


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one image is hardened: what `careen harden` would be asked, in which directory (that of
    its careen.toml) its tests run.
    """

    request: "HardenRequest"
    settings: Settings
    directory: Path


@dataclass(frozen=True, slots=True)
class Work:
    """What holds for all images of a pass. `prepare` reads an image's careen.toml and raises
    InputError, `judgement` no more of it than what bears on findings, which takes less time;
    `database` None: each image's own.
    """

    state: Path
    prepare: Callable[[Watched], Recipe]
    judgement: "Callable[[Watched], Judgement]"
    progress: Progress
    judges: Judges
    clock: Callable[[], float]
    database: Path | None = None
    push: bool = False
    again: bool = False
    dry_run: bool = False
