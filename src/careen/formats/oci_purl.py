"""Package URLs of images in registries (purl type `oci`)."""

import re

from packageurl import PackageURL

_NAME = re.compile(
    r"(?P<repository>(?:[a-z0-9.-]+(?::\d+)?/)?[a-z0-9._/-]+?)(?::(?P<tag>[\w.-]+))?(?:@sha256:[0-9a-f]{64})?\Z"
)


def oci_purl(name: str, digest: str) -> PackageURL | None:
    """Return `pkg:oci/NAME@sha256:…`, or None for text that is not a name in a registry.

    `repository_url` is stated if the name has a registry host, `tag` if it has a tag.
    """
    match = _NAME.match(name)
    if match is None:
        return None
    repository, tag = match["repository"], match["tag"]
    qualifiers = {"tag": tag} if tag else {}
    host = repository.partition("/")[0]
    # Without a host, the name does not say where the image is stored.
    if host != repository and ("." in host or ":" in host):
        qualifiers["repository_url"] = repository
    return PackageURL("oci", None, repository.rpartition("/")[2], digest, qualifiers)
