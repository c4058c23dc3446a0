"""What a pass of `careen base refresh` is to do, and what it needs for each image."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from careen.catalog.entries import Catalog
from careen.catalog.recipe import Recipe
from careen.model.catalog.entry import Variant
from careen.pipeline.run.settings import Settings
from careen.report.terminal_output.progress import Progress


@dataclass(frozen=True, slots=True)
class RefreshRequest:
    """Which images are kept fresh, and where they go.

    `entries` (none: all that can be built) in these `variants` (none: all); `against` are upstream
    images by the name of an entry. `sources`, `keyring` and `wheel_index` are as in a build, the
    last one for entries with wheels alone. `again` builds what has not changed, too. `clock` gives
    seconds since 1970.
    """

    repository: str
    state: Path
    database: Path
    settings: Settings
    entries: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    against: Mapping[str, str] = field(default_factory=dict)
    catalogs: tuple[Path, ...] = ()
    sources: tuple[str, ...] = ()
    keyring: Path | None = None
    wheel_index: str = ""
    push: bool = False
    again: bool = False
    dry_run: bool = False
    clock: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Work:
    """A pass: the request, the catalog, the fingerprint of the advisories ("" without), and what
    the sources offer for a recipe's release, asked once.
    """

    request: RefreshRequest
    catalog: Catalog
    judged_by: str
    offered: Callable[[Recipe, tuple[str, ...]], Mapping[str, str]]
    progress: Progress
