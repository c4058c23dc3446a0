"""The result of `careen fleet index`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refused:
    """A document that was not indexed, and why."""

    where: str
    problem: str


@dataclass(frozen=True, slots=True)
class Indexed:
    """What one run put into the store.

    `images` were new or changed, `unchanged` sources were in the store already. `running` counts
    the containers of lists of pods. `fleet` is the number of images in the store afterwards.
    """

    store: str
    images: int
    unchanged: int
    running: int
    refused: tuple[Refused, ...]
    fleet: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The digests of images that were removed, and how many the store has afterwards.

    `clusters` are those whose list of running pods was removed.
    """

    store: str
    images: tuple[str, ...]
    clusters: tuple[str, ...]
    fleet: int
