"""An image in FIPS mode: one more layer with provider and configuration, and the variables."""

from pathlib import Path

from careen import __version__
from careen.model.cryptography.fips import FipsChanges
from careen.oci.changes.append import append_layer
from careen.oci.changes.edit import HistoryNote
from careen.oci.changes.reconfigure import reconfigured
from careen.oci.image import Image
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.owned_layer import write_layer
from careen.rewrite.strip import ORIGINAL_DIGEST, VERSION


def with_fips_mode(
    image: Image, rootfs: Rootfs, changes: FipsChanges, created: str, scratch: Path
) -> Image:
    """Return the image in FIPS mode; the caller closes it before the original.

    Equal input gives equal bytes. Raises ToolError if the layer cannot be written.
    """
    layer = write_layer(rootfs, changes.files, created, scratch)
    said = f"careen {__version__} harden --fips: FIPS provider {changes.provider.version}"
    note = HistoryNote(said, f"original {image.ref.digest}")
    annotations = {ORIGINAL_DIGEST: image.ref.digest, VERSION: __version__}
    made = append_layer(image, layer, note, annotations, created)
    variables = {**image.config.env, **changes.environment}
    kept = [f"{key}={value}" for key, value in variables.items() if key not in changes.dropped]
    return reconfigured(made, {"Env": kept})
