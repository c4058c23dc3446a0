"""Files that careen writes into the bench's directory, where what runs in the container may have put anything in their place."""

import os
from pathlib import Path
from typing import BinaryIO

from careen.errors import ToolError


def open_new(path: Path) -> BinaryIO:
    """Open a file to write, in the place of what is there; a link there is removed and never followed. Raises ToolError."""
    try:
        path.unlink(missing_ok=True)
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644), "wb")
    except OSError as error:
        msg = f"writing {path.name} into the bench: {error.strerror or error}"
        raise ToolError(msg) from error


def write_new(path: Path, content: bytes) -> None:
    """Write a file as `open_new` opens it."""
    with open_new(path) as stream:
        stream.write(content)
