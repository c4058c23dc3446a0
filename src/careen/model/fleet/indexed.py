"""The result of `careen fleet index`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refused:
    """A document or an image that was not indexed, and why; `forged` if a signature is wrong."""

    where: str
    problem: str
    forged: bool = False


@dataclass(frozen=True, slots=True)
class Indexed:
    """What one run put into the store.

    `images` were new or changed, `unchanged` sources were in the store already. `running` counts
    the containers of lists of pods. `bare` are the names of images without evidence, `scanned`
    counts those that careen scanned. `signer` is who signed all that was read, "" if signatures
    were not checked; what the store had before is not checked again. `fleet` is the number of
    images in the store afterwards.
    """

    store: str
    images: int
    unchanged: int
    running: int
    refused: tuple[Refused, ...]
    bare: tuple[str, ...]
    scanned: int
    signer: str
    fleet: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The digests of images that were removed, and how many the store has afterwards.

    `clusters` are those whose list of running pods was removed, `histories` the names whose history
    was. With `dry_run` nothing was, and these are what would be.
    """

    store: str
    images: tuple[str, ...]
    clusters: tuple[str, ...]
    histories: tuple[str, ...]
    fleet: int
    dry_run: bool
