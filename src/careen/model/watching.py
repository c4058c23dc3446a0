"""Results of one pass of `careen watch`."""

import enum
from dataclasses import dataclass


class WatchAction(enum.Enum):
    """What a pass did for one image, or would do in a dry run."""

    UNCHANGED = "unchanged"  # nothing relevant changed
    NOTED = "noted"  # something changed that requires no action
    HARDENED = "hardened"  # hardened again, verified and tagged
    PUSHED = "pushed"  # an earlier pass hardened it; this one pushed it
    WAITING = "waiting"  # it failed, and the retry is not due yet
    FAILED = "failed"
    WOULD_HARDEN = "would harden"
    WOULD_PUSH = "would push"


@dataclass(frozen=True, slots=True)
class ImageOutcome:
    """Result for one image of the list.

    `changed` says what changed since the last good pass. `before` and `after` count undismissed
    findings of the image in use before the pass (the original, the first time) and of the current
    one; None if not counted. `digest` is the result's id in docker's store, `pushed` its registry
    digest; "" if there is none. `status` is the exit status for this image alone.
    """

    tag: str
    source: str
    changed: tuple[str, ...]
    deed: WatchAction
    detail: str = ""
    before: int | None = None
    after: int | None = None
    digest: str = ""
    pushed: str = ""
    status: int = 0
    seconds: float = 0.0
    report_directory: str = ""


@dataclass(frozen=True, slots=True)
class WatchResult:
    """Result of one pass; `images` are in the order of the list."""

    images: tuple[ImageOutcome, ...]
    seconds: float
    dry_run: bool
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> int:
        """The exit status: the worst of all images."""
        return max((image.status for image in self.images), default=0)
