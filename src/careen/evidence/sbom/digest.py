"""Image digest in an SBOM's description of its subject."""

import re

_DIGEST = re.compile(r"sha256(?::|%3[aA])(?P<hex>[0-9a-f]{64})(?![0-9a-zA-Z])")


def digest_in(*places: str) -> str:
    """Return the first `sha256:…` in purls (`pkg:oci/app@sha256%3A…`) or references, or ""."""
    for place in places:
        match = _DIGEST.search(place)
        if match is not None:
            return f"sha256:{match['hex']}"
    return ""
