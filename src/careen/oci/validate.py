"""Validation of an image against the image specification."""

from collections.abc import Iterator

from careen.errors import ImageError
from careen.oci.config import parse_config
from careen.oci.hashing import digest_of_bytes, digest_of_extents
from careen.oci.image import Image
from careen.oci.tar.read import read_members


def validate_image(image: Image, *, rehash: bool = True) -> tuple[str, ...]:
    """Return every violation as a sentence; empty for a valid image.

    Checks the config and its digest, the numbers of diff IDs and history entries, every layer (tar,
    diff ID, no repeated entry), and that the layers merge to a tree. Without `rehash`, the diff IDs
    of layers are checked that this run has not hashed: whoever writes the image hashes what it
    writes, so a file that changes in between is noticed there.
    """
    return tuple(_breaches(image, rehash=rehash))


def _breaches(image: Image, *, rehash: bool) -> Iterator[str]:
    yield from _config(image)
    for index, layer in enumerate(image.layers):
        if rehash or not layer.hashed:
            seen = digest_of_extents(layer.extents)
            if seen != layer.diff_id:
                yield f"layers[{index}]: content has digest {seen}, expected {layer.diff_id}"
        yield from _members(image, index)
    try:
        image.rootfs()
    except ImageError as error:
        yield str(error)


def _config(image: Image) -> Iterator[str]:
    digest = str(digest_of_bytes(image.config_bytes))
    if digest != image.ref.config_digest:
        yield f"config: content has digest {digest}, expected {image.ref.config_digest}"
    try:
        config = parse_config(image.config_bytes, "config")
    except ImageError as error:
        yield str(error)
        return
    layers = [layer.diff_id for layer in image.layers]
    if list(config.diff_ids) != layers:
        yield (
            f"config.rootfs.diff_ids: {len(config.diff_ids)} entries do not name the {len(layers)}"
            " layers in order"
        )
    if not config.platform.architecture:
        yield "config.architecture: missing"
    stated = sum(not item.get("empty_layer") for item in config.history)
    if config.history and stated != len(layers):
        yield f"config.history: {stated} entries with a layer, the image has {len(layers)} layers"


def _members(image: Image, index: int) -> Iterator[str]:
    names: set[str] = set()
    try:
        for member in read_members(image.layers[index].extents, f"layers[{index}]"):
            name = member.name.strip("/").removeprefix("./")
            if name in names:
                yield f"layers[{index}]: {name[:200]!r} is there twice"
            names.add(name)
    except ImageError as error:
        yield str(error)
