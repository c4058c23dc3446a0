"""The digest of the image in what an SBOM says of its subject."""

import re

_DIGEST = re.compile(r"sha256(?::|%3[aA])(?P<hex>[0-9a-f]{64})(?![0-9a-zA-Z])")


def digest_in(*places: str) -> str:
    """Return the first `sha256:…` in the places, which may be purls (`pkg:oci/app@sha256%3A…`) and
    references; "" if none has one.
    """
    for place in places:
        match = _DIGEST.search(place)
        if match is not None:
            return f"sha256:{match['hex']}"
    return ""
