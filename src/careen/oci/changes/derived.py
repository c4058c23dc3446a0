"""An image derived from another: same reference and platform, other layers and config."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from careen.model.image import ImageConfig
from careen.model.rbom import ImageRef
from careen.oci.config import layer_histories
from careen.oci.documents import dump_json
from careen.oci.hashing import digest_of_bytes
from careen.oci.image import Image, Layer


def derived_image(
    image: Image,
    layers: Sequence[Layer],
    document: dict[str, Any],
    annotations: Mapping[str, str | None],
    files: ExitStack,
) -> Image:
    """Return the image with these layers and this config `document`, which must fit them.

    `annotations` are added to the original's; None removes one. Closing the result closes `files`.
    """
    config_bytes = dump_json(document)
    config = ImageConfig(document)
    ref = ImageRef(
        reference=image.reference,
        manifest_digest=None,
        config_digest=str(digest_of_bytes(config_bytes)),
        diff_ids=tuple(str(layer.diff_id) for layer in layers),
        platform=image.ref.platform,
    )
    histories = layer_histories(config, len(layers))
    told = tuple(
        replace(layer, history=history) for layer, history in zip(layers, histories, strict=True)
    )
    merged = {
        key: value
        for key, value in {**image.annotations, **annotations}.items()
        if value is not None
    }
    derived = Image(ref, config_bytes, config, told, merged, files)
    derived.budget = image.budget
    derived.unchanged = image.unchanged
    return derived
