"""Which of the places that an SBOM names for a package is its record."""

import re
from collections.abc import Sequence

_DATABASE = re.compile(
    r"/var/lib/dpkg/status(?:\.d/[^/]+)?|.*/apk/db/installed|.*/(?:rpmdb\.sqlite|Packages(?:\.db)?)"
)


def record_among(places: Sequence[str]) -> str:
    """Return the package database among the places, else the first of them, "" without any: Syft
    names a Debian package's copyright file first.
    """
    return next(
        (place for place in places if _DATABASE.fullmatch(place)), places[0] if places else ""
    )
