"""The package URL of an image."""

import re

from careen.formats.oci_purl import oci_purl

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_TRANSPORT = re.compile(
    r"(?:oci|oci-archive|docker-archive|docker|docker-daemon|sbom|rootfs|dir|report):"
)


def image_purl(reference: str, digest: str) -> str:
    """Return `pkg:oci/NAME@sha256:…` for an image, or "" for a file or a missing digest."""
    reference = reference.removeprefix("docker://")
    if _TRANSPORT.match(reference) or not _DIGEST.match(digest):
        return ""
    purl = oci_purl(reference, digest)
    return "" if purl is None else purl.to_string()
