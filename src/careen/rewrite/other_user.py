"""An image that runs as another user: one more layer with owners, and the configuration."""

from pathlib import Path
from typing import Any

from careen import __version__
from careen.model.image import ImageConfig
from careen.model.rewriting.other_user import OtherUser
from careen.oci.changes.append import append_layer
from careen.oci.changes.edit import HistoryNote
from careen.oci.changes.reconfigure import reconfigured
from careen.oci.image import Image
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.owned_layer import write_layer
from careen.rewrite.strip import ORIGINAL_DIGEST, VERSION


def with_other_user(
    image: Image, rootfs: Rootfs, changes: OtherUser, created: str, scratch: Path
) -> Image:
    """Return the image with the changes; the caller closes it before the original.

    Only directories, and files whose owner or content changes, are in the new layer. Equal input
    gives equal bytes. Raises ToolError if the layer cannot be written.
    """
    layer = write_layer(rootfs, changes.owned, created, scratch)
    said = f"careen {__version__} policy: runs as {changes.uid}:{changes.gid}"
    note = HistoryNote(said, f"original {image.ref.digest}")
    annotations = {ORIGINAL_DIGEST: image.ref.digest, VERSION: __version__}
    made = append_layer(image, layer, note, annotations, created)
    return reconfigured(made, _run(image.config, changes))


def _run(config: ImageConfig, changes: OtherUser) -> dict[str, Any]:
    variables = {**config.env, **changes.environment}
    return {
        "User": f"{changes.uid}:{changes.gid}",
        "Env": [f"{name}={value}" for name, value in variables.items()],
    }
