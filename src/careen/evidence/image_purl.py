"""The package URL of an image."""

import re

from packageurl import PackageURL

_NAME = re.compile(
    r"(?P<repository>(?:[a-z0-9.-]+(?::\d+)?/)?[a-z0-9._/-]+?)(?::(?P<tag>[\w.-]+))?(?:@sha256:[0-9a-f]{64})?\Z"
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_TRANSPORT = re.compile(
    r"(?:oci|oci-archive|docker-archive|docker|docker-daemon|sbom|rootfs|dir|report):"
)


def image_purl(reference: str, digest: str) -> str:
    """Return `pkg:oci/NAME@sha256:…` for an image, or "" for a file or a missing digest.

    `repository_url` is stated if the name has a registry host, `tag` if it has a tag (purl type
    `oci`).
    """
    reference = reference.removeprefix("docker://")
    match = _NAME.match(reference)
    if match is None or _TRANSPORT.match(reference) or not _DIGEST.match(digest):
        return ""
    repository, tag = match["repository"], match["tag"]
    qualifiers = {"tag": tag} if tag else {}
    host = repository.partition("/")[0]
    if host != repository and (
        "." in host or ":" in host
    ):  # without a host, the name does not say where the image is stored
        qualifiers["repository_url"] = repository
    return PackageURL("oci", None, repository.rpartition("/")[2], digest, qualifiers).to_string()
