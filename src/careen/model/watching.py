"""What one pass of `careen watch` came to, image by image."""

import enum
from dataclasses import dataclass


class Deed(enum.Enum):
    """What a pass did about one image, or, in a dry run, would do."""

    UNCHANGED = "unchanged"  # nothing that bears on it has changed
    NOTED = "noted"  # something has, and asks for nothing
    HARDENED = "hardened"  # hardened again, verified and tagged
    PUSHED = "pushed"  # an earlier pass had hardened it; now it was pushed
    WAITING = "waiting"  # it failed, and is not tried again yet
    FAILED = "failed"
    WOULD_HARDEN = "would harden"
    WOULD_PUSH = "would push"


@dataclass(frozen=True, slots=True)
class ImageOutcome:
    """One image of the list. `changed` says in words what has changed since the last good pass,
    `detail` what is to be known besides, "" if nothing is.

    `before` and `after` count the findings that nobody has dismissed, of what was in use before the
    pass (of the original, the first time) and of what is now; None where they were not counted.
    `digest` is the id of the result in docker's store and `pushed` its digest in the registry, ""
    where there is none. `status` is what the image alone would make of careen's exit status.
    """

    tag: str
    source: str
    changed: tuple[str, ...]
    deed: Deed
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
    """One pass: the images in the order of the list, how long it took, whether it was a dry run,
    and what is to be known of the whole.
    """

    images: tuple[ImageOutcome, ...]
    seconds: float
    dry_run: bool
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> int:
        """The exit status: the worst of the images'."""
        return max((image.status for image in self.images), default=0)
