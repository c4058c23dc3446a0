"""Which layers docker's store has, so that they need not be sent again with every image that is
built on them.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from itertools import takewhile

from careen.engines.docker.cli import call
from careen.errors import ToolError


class SharedLayers:
    """The layers of images that are in docker's store, by the images' ids.

    A classic store finds a layer by what lies below it and itself, and takes it without looking
    into the archive. One of containerd keeps blobs by their own digests, packed or not as they
    came: nothing is known of it.
    """

    def __init__(self) -> None:
        self._images: dict[str, tuple[str, ...]] = {}

    def note(self, image: str, layers: Sequence[str]) -> None:
        """Remember an image by its id, and its diff IDs, lowest first."""
        self._images[image] = tuple(layers)

    def forget(self, image: str) -> None:
        """The image is not in the store any more."""
        self._images.pop(image, None)

    def forget_all(self) -> None:
        """What was known is not so."""
        self._images.clear()

    def present(self, layers: Sequence[str]) -> frozenset[str]:
        """Return those of an image's diff IDs (lowest first) whose bytes the store need not be
        given.
        """
        shared = max(
            (
                sum(
                    1
                    for _ in takewhile(
                        lambda pair: pair[0] == pair[1], zip(layers, one, strict=False)
                    )
                )
                for one in self._images.values()
            ),
            default=0,
        )
        known = frozenset(layers[:shared]) - frozenset(layers[shared:])
        return known if known and _is_classic() else frozenset()


@cache
def _is_classic() -> bool:
    """Say whether docker keeps layers in a classic store. What only looks like docker (podman's
    command of that name) does not say.
    """
    with suppress(ToolError):
        return (
            "io.containerd"
            not in call(
                "info",
                "--format",
                "{{.Driver}} {{json .DriverStatus}}",
                doing="asking docker for its store",
            ).text
        )
    return False
