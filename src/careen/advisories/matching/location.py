"""Location of the database."""

import os
from pathlib import Path


def default_database() -> Path:
    """Return `$CAREEN_DB`, else `careen/advisories.db` in the user's data directory.

    The data directory follows the XDG base directory specification (`~/.local/share`).
    """
    if named := os.environ.get("CAREEN_DB"):
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME", "")
    return (
        (Path(data) if data.startswith("/") else Path.home() / ".local" / "share")
        / "careen"
        / "advisories.db"
    )
