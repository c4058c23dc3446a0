"""The layers that an engine's store already has, so that they are not sent again."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from itertools import takewhile

from careen.engines.client.client import DOCKER, Client
from careen.errors import ToolError


class SharedLayers:
    """The layers of images in an engine's store, by image id."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._images: dict[str, tuple[str, ...]] = {}

    def note(self, image: str, layers: Sequence[str]) -> None:
        """Note an image by its id and its diff IDs, lowest first."""
        self._images[image] = tuple(layers)

    def forget(self, image: str) -> None:
        """Forget an image that is no longer in the store."""
        self._images.pop(image, None)

    def forget_all(self) -> None:
        """Forget all images."""
        self._images.clear()

    def present(self, layers: Sequence[str]) -> frozenset[str]:
        """Return the diff IDs that need not be sent, out of an image's (lowest first)."""
        # A classic store finds a layer by its chain ID and takes it without reading the archive.
        # A containerd store keys blobs by their own digests, which are not known here. Podman takes
        # a layer that it has with the same layers below.
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
        return known if known and (self._client is not DOCKER or _is_classic()) else frozenset()


@cache
def _is_classic() -> bool:
    """Return whether docker has a classic store; False if it cannot be determined."""
    with suppress(ToolError):  # podman's docker command fails here
        return (
            "io.containerd"
            not in DOCKER.call(
                "info",
                "--format",
                "{{.Driver}} {{json .DriverStatus}}",
                doing="asking docker for its store",
            ).text
        )
    return False
