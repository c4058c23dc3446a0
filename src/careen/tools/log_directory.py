"""Log files of a run.

Output of containers and tests may hold secrets, so only the user may read the directory.
"""

from collections.abc import Mapping
from pathlib import Path

from careen.errors import ToolError

_PRIVATE = 0o700


def write_logs(directory: Path, files: Mapping[str, str]) -> None:
    """Write `files` into `directory`, which only its owner can read from then on.

    Its parent (`logs/`) is private, too, unless it exists already. Raises ToolError.
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
