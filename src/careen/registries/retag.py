"""Give a name of a registry to content that the same repository has already."""

from careen.errors import ToolError
from careen.oci.reference import RegistryImage
from careen.registries.manifests import digest_of
from careen.registries.skopeo import Call, Skopeo, seconds_for


def retag(image: RegistryImage, digest: str, skopeo: Skopeo) -> None:
    """Point a name at a digest of its repository, and read it back.

    Raises InputError or ToolError.
    """
    source, doing = image.at(digest), f"tagging {image} as {digest}"
    words = ("--quiet", "--preserve-digests", "--multi-arch", "all", str(source), str(image))
    # The blobs are in this repository, so nothing but the manifest is sent.
    skopeo.call(Call("copy", words, image, doing, "dest-", seconds_for(0)))
    seen = digest_of(image, skopeo, f"reading back {image}")
    if str(seen) != digest:
        msg = f"reading back {image}: the registry has {seen}, not {digest}; tell its owner"
        raise ToolError(msg)
