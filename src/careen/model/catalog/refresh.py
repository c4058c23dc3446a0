"""One pass of `careen base refresh`, and what it keeps of each image between passes."""

import enum
from dataclasses import dataclass

from careen.model.catalog.lock import Lock
from careen.model.failure import Failure


class RefreshAction(enum.Enum):
    """What a pass did for one variant of an entry, or would do in a dry run."""

    UNCHANGED = "unchanged"
    NOTED = "noted"  # the findings changed, and no source offers another package
    PROMOTED = "promoted"  # built, tested, verified, and given its tags
    HELD = "held back"  # built, and a test or the contract failed; the old one stays
    WAITING = "waiting"  # it failed before with the same packages, and the retry is not due
    FAILED = "failed"
    WOULD_BUILD = "would build"


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """A finding of a built image: `since` is the day on which a pass first saw it."""

    id: str
    name: str
    version: str
    severity: str
    fixable: bool
    since: str


@dataclass(frozen=True, slots=True)
class PackageStep:
    """A package that changed: `before` is "" if it was added, `after` if it was removed."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class BaseEvent:
    """One line of an image's history: a build, or a day on which its findings changed.

    `severities` count the open findings by word; None if no advisories were there. `closed` and
    `new` are findings against the event before.
    """

    date: str
    kind: str
    digest: str
    tags: tuple[str, ...]
    size_bytes: int
    packages: int
    severities: tuple[tuple[str, int], ...] | None
    fixable: int | None
    changed: tuple[PackageStep, ...] = ()
    closed: tuple[OpenFinding, ...] = ()
    new: tuple[OpenFinding, ...] = ()


BUILT, ADVISORIES = "built", "advisories"


@dataclass(frozen=True, slots=True)
class BaseState:
    """What the last promoted build of a variant was made of, and what is known of it.

    `digest` is that of the image's configuration; `served` what the first of `names` leads to (id
    in docker's store, or digest in the registry). `findings` is None if they were never counted.
    """

    entry: str
    variant: str
    definition: str = ""
    judged_by: str = ""
    digest: str = ""
    served: str = ""
    names: tuple[str, ...] = ()
    lock: Lock | None = None
    findings: tuple[OpenFinding, ...] | None = None
    events: tuple[BaseEvent, ...] = ()
    setback: Failure | None = None


@dataclass(frozen=True, slots=True)
class RefreshOutcome:
    """Result for one variant of an entry.

    `names` are those of the image that is served now, `served` is what they lead to: an id in
    docker's store, or a digest in the registry. `digest` is that of the image's configuration.
    `unproven` is "", or why nobody has built the entry from the vendor's own archive.
    """

    entry: str
    variant: str
    action: RefreshAction
    changed: tuple[str, ...] = ()
    detail: str = ""
    names: tuple[str, ...] = ()
    digest: str = ""
    served: str = ""
    before: int | None = None
    after: int | None = None
    fixable: int | None = None
    status: int = 0
    seconds: float = 0.0
    unproven: str = ""


@dataclass(frozen=True, slots=True)
class RefreshResult:
    """Result of one pass, in the order of the catalog."""

    bases: tuple[RefreshOutcome, ...]
    seconds: float
    dry_run: bool
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> int:
        """The exit status: the worst of all."""
        return max((each.status for each in self.bases), default=0)
