"""Where the logs of a run go: what containers and tests print may hold secrets, so nobody else may
read it.
"""

from collections.abc import Mapping
from pathlib import Path

from careen.errors import ToolError

_PRIVATE = 0o700


def write_logs(directory: Path, files: Mapping[str, str]) -> None:
    """Write each file into the directory, which only its owner can read from here on.

    Its parent (`logs/`) is made private, too, unless it is there already. Raises ToolError.
    """
    try:
        directory.parent.parent.mkdir(parents=True, exist_ok=True)
        directory.parent.mkdir(mode=_PRIVATE, exist_ok=True)
        directory.mkdir(mode=_PRIVATE, exist_ok=True)
        directory.chmod(_PRIVATE)  # as an earlier run may have made it
        for name, text in files.items():
            (directory / name).write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        msg = f"writing the logs to {str(directory)!r}: {error.strerror}"
        raise ToolError(msg) from error
