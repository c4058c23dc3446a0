"""Location of the database."""

import os
from pathlib import Path

from careen.tools.user_data import user_data


def default_database() -> Path:
    """Return `$CAREEN_DB`, else `advisories.db` in careen's user data."""
    named = os.environ.get("CAREEN_DB")
    return Path(named) if named else user_data() / "advisories.db"
