"""Package URLs of images in registries (purl type `oci`)."""

import re

from packageurl import PackageURL

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
# What else can stand before a colon: `docker:24` is a name with a tag.
_NO_NAME = re.compile(
    r"(?:oci|oci-archive|docker-archive|docker-daemon|containers-storage|dir|ostree|sif|tarball"
    r"|sbom|sha256):"
)
_NAME = re.compile(
    r"(?P<repository>(?:[a-z0-9.-]+(?::\d+)?/)?[a-z0-9._/-]+?)(?::(?P<tag>[\w.-]+))?(?:@sha256:[0-9a-f]{64})?\Z"
)


def oci_purl(reference: str, digest: str) -> PackageURL | None:
    """Return `pkg:oci/NAME@sha256:…` for an image's reference.

    None for a file, an image id, another text that is no name in a registry, and without a digest.
    `repository_url` is stated if the name has a registry host, `tag` if it has a tag.
    """
    match = _named(reference)
    if match is None or not _DIGEST.match(digest):
        return None
    repository, tag = match["repository"], match["tag"]
    qualifiers = {"tag": tag} if tag else {}
    host = repository.partition("/")[0]
    # Without a host, the name does not say where the image is stored.
    if host != repository and ("." in host or ":" in host):
        qualifiers["repository_url"] = repository
    return PackageURL("oci", None, repository.rpartition("/")[2], digest, qualifiers)


def repository_of(reference: str) -> str | None:
    """Return an image's name without tag and digest; None for a text that is no such name."""
    match = _named(reference)
    return None if match is None else match["repository"]


def _named(reference: str) -> re.Match[str] | None:
    name = reference.removeprefix("docker://")
    return None if _NO_NAME.match(name) else _NAME.match(name)
