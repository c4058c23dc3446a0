"""An image of one layer: the tar of a root, with a configuration."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from careen.errors import ToolError
from careen.model.image import ImageConfig, Platform
from careen.model.rbom import ImageRef
from careen.oci.documents import dump_json
from careen.oci.extents import Extents, FilePart
from careen.oci.hashing import digest_of_bytes
from careen.oci.image import Image, Layer, hashed_layer


def image_of_layers(
    name: str,
    layers: tuple[Layer, ...],
    platform: Platform,
    document: Mapping[str, Any],
    files: ExitStack,
) -> Image:
    """Return an image of these layers; `document` has `created`, `config` and `history`.

    Closing it closes `files`. Equal layers and documents give equal bytes.
    """
    full: dict[str, Any] = {
        **document,
        "architecture": platform.architecture,
        "os": platform.os,
        **({"variant": platform.variant} if platform.variant else {}),
        "rootfs": {"type": "layers", "diff_ids": [str(layer.diff_id) for layer in layers]},
    }
    data = dump_json(full)
    ref = ImageRef(
        reference=name,
        manifest_digest=None,
        config_digest=str(digest_of_bytes(data)),
        diff_ids=tuple(str(layer.diff_id) for layer in layers),
        platform=str(platform),
    )
    return Image(ref, data, ImageConfig(full), layers, {}, files)


def image_of_tar(name: str, tar: Path, platform: Platform, created: str) -> Image:
    """Return an image whose only layer is an uncompressed tar; it holds the file open.

    Raises ToolError if the file cannot be read.
    """
    with ExitStack() as files:
        try:
            fd = os.open(tar, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            msg = f"reading the root {str(tar)!r}: {error.strerror}"
            raise ToolError(msg) from error
        files.callback(os.close, fd)
        extents = Extents([FilePart(fd, 0, os.fstat(fd).st_size)])
        layer = hashed_layer(extents)
        document = {"created": created, "config": {}, "history": [{"created": created}]}
        return image_of_layers(name, (layer,), platform, document, files.pop_all())
    raise AssertionError(tar)  # pragma: no cover — ExitStack does not swallow
