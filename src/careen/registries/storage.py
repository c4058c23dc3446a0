"""Images of containers-storage, the store of podman, buildah and CRI-O."""

from pathlib import Path

from careen.model.digest import Digest
from careen.oci.hashing import digest_of_bytes
from careen.oci.reference import DockerArchive, StorageImage
from careen.registries.skopeo import LONG, Call, Skopeo


def image_id(image: StorageImage, skopeo: Skopeo) -> Digest:
    """Return the ID of an image, the digest of its config. Raises InputError or ToolError."""
    words = ("--config", "--raw", str(image))
    return digest_of_bytes(skopeo.call(Call("inspect", words, image, f"looking up {image}")).stdout)


def take_out(image: StorageImage, target: Path, skopeo: Skopeo) -> DockerArchive:
    """Write an image to an archive. Raises InputError or ToolError."""
    # An OCI layout would get a config in another format, and so another ID.
    words = ("--quiet", str(image), f"docker-archive:{target}")
    doing = f"taking {image} out of its store"
    skopeo.call(Call("copy", words, image, doing, timeout=LONG))
    return DockerArchive(target)
