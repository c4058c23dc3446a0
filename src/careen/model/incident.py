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


@dataclass(frozen=True, slots=True)
class IncidentImage:
    """One image: `use` is how its workload uses the package, `listens` whether it listens.

    Both are unknown ("not known", None) without an RBOM. `wave` counts from 1. `begun` is when its
    first try began (RFC 3339), "" before. `before` and `after` map the names of its result to their
    digests. `status` is the exit status of its last try.
    """

    tag: str
    source: str
    use: str
    listens: bool | None
    wave: int
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
