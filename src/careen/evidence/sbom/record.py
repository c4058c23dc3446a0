"""Choice of a package's record among the locations in an SBOM."""

import re
from collections.abc import Sequence

_DATABASE = re.compile(
    r"/var/lib/dpkg/status(?:\.d/[^/]+)?|.*/apk/db/installed|.*/(?:rpmdb\.sqlite|Packages(?:\.db)?)"
)


def record_among(places: Sequence[str]) -> str:
    """Return the package database among the locations, else the first one, or ""."""
    # Syft lists a Debian package's copyright file first.
    return next(
        (place for place in places if _DATABASE.fullmatch(place)), places[0] if places else ""
    )
