"""An image with other settings of its containers, and the same layers."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from careen.oci.changes.derived import derived_image
from careen.oci.image import Image


def reconfigured(image: Image, run: Mapping[str, Any]) -> Image:
    """Return the image with these members of its configuration's `config` (`User`, `Env`, …).

    Closing the result closes `image`.
    """
    document = dict(image.config.document)
    document["config"] = {**(document.get("config") or {}), **run}
    files = ExitStack()
    files.callback(image.close)
    return derived_image(image, image.layers, document, {}, files)
