"""An incident: the images that one vulnerability affects, and how far their fix is."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


class Standing(enum.Enum):
    """Where one image of an incident stands."""

    WAITING = "waiting"  # its turn has not come
    FIXED = "fixed"  # a result without the vulnerability was verified and promoted
    LEFT = "left"  # nothing that careen can do closes it
    FAILED = "failed"  # the new result was not promoted, or crosses a threshold
    ROLLED_BACK = "rolled back"  # its names mean the result of before the incident again


class Fix(enum.Enum):
    """What takes the vulnerability out of one image."""

    REMOVE = "remove"  # nothing was seen to use its files, and no kept file needs them
    UPGRADE = "upgrade"  # a fixed version is on offer, or a package manager has to be asked for it
    NONE = "none"  # nothing that careen can do
    NOT_KNOWN = "not known"  # nothing is stored of a result, or the result does not have it


@dataclass(frozen=True, slots=True)
class Remedy:
    """The fix of one image by what is stored of its result, and why it is that one.

    `removes` are the paths that go. `upgrades`: an upgrade may be tried if a removal fails.
    """

    fix: Fix
    why: str = ""
    removes: tuple[str, ...] = ()
    upgrades: bool = True


@dataclass(frozen=True, slots=True)
class IncidentImage:
    """One image: `use` is how its workload uses the package, `listens` whether it listens.

    Both are unknown ("not known", None) without an RBOM. `wave` counts from 1. `fix` is what is
    done, and `why` the reason; `refused` says why a removal was given up. `vex` is what is stated
    of its result. `begun` is when its first try began (RFC 3339), "" before. `before` and `after`
    map the names of its result to their digests. `status` is the exit status of its last try.
    """

    tag: str
    source: str
    use: str
    listens: bool | None
    wave: int
    fix: Fix = Fix.NOT_KNOWN
    why: str = ""
    refused: str = ""
    vex: str = ""
    standing: Standing = Standing.WAITING
    detail: str = ""
    begun: str = ""
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    seconds: float = 0.0
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """A vulnerability, when its incident was opened (RFC 3339), and its images in their order.

    `unlisted` are affected images that the list of images does not make, so nothing rebuilds them.
    `unanswered` are tags of the list of which the store does not know whether they are affected.
    `unknown` counts all images of the store of which it does not.
    """

    identifier: str
    opened: str
    images: tuple[IncidentImage, ...]
    unlisted: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    unknown: int = 0

    def with_image(self, place: int, image: IncidentImage) -> "Incident":
        """Return the incident with another image at a place."""
        return replace(self, images=(*self.images[:place], image, *self.images[place + 1 :]))

    @property
    def status(self) -> int:
        """The exit status: the worst of all images."""
        return max((image.status for image in self.images), default=0)
