"""Careen's directory in the user's data (XDG base directory specification)."""

import os
from pathlib import Path


def user_data() -> Path:
    """Return `careen` in the user's data directory, `~/.local/share` unless the user set one."""
    data = os.environ.get("XDG_DATA_HOME", "")
    return (Path(data) if data.startswith("/") else Path.home() / ".local" / "share") / "careen"
