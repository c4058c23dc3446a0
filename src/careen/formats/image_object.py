"""The JSON object of an image's identity, as careen's own documents hold it."""

from typing import Any

from careen.errors import ConfigError
from careen.formats.json_document import Strict
from careen.model.rbom import ImageRef

_READ = Strict(ConfigError)


def image_object(image: ImageRef) -> dict[str, Any]:
    """Return the JSON object of an image."""
    return {
        "reference": image.reference,
        "manifest_digest": image.manifest_digest,
        "config_digest": image.config_digest,
        "diff_ids": list(image.diff_ids),
        "platform": image.platform,
    }


def read_image(value: Any, place: str) -> ImageRef:
    """Return the image of an object that `image_object` returned. Raises ConfigError."""
    table = _READ.members(
        value, place, {"reference", "manifest_digest", "config_digest", "diff_ids", "platform"}
    )
    manifest = table["manifest_digest"]
    return ImageRef(
        reference=_READ.text(table["reference"], place, "reference"),
        manifest_digest=(
            None if manifest is None else _READ.text(manifest, place, "manifest_digest")
        ),
        config_digest=_READ.text(table["config_digest"], place, "config_digest"),
        diff_ids=_READ.texts(table["diff_ids"], place, "diff_ids"),
        platform=_READ.text(table["platform"], place, "platform"),
    )
