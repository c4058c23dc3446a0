"""A digest of what entries say about an image, by which a lock sees that they changed."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

from careen.model.catalog.entry import Entry
from careen.oci.documents import dump_json

_ELSEWHERE = (
    *("abstract", "aliases", "full", "pip_index", "replaces", "support", "tests", "unproven"),
    *("major_upgrades", "variants"),  # no base with a lock is cut from an image
)
"""What an entry says that no image holds."""
_LATER = ("compat_pip", "directories", "files", "pip", "upstream")
"""Keys that counted from a later version on: an entry without them has the digest it had."""


def definition(chain: Sequence[Entry]) -> str:
    """Return the SHA-256 (hex) of all that these entries put into images."""
    rows = [
        {
            key: value
            for key, value in asdict(entry).items()
            if key not in _ELSEWHERE and (value or key not in _LATER)
        }
        for entry in chain
    ]
    return hashlib.sha256(dump_json({"entries": rows})).hexdigest()
