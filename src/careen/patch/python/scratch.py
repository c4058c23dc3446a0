"""Writing into the bench's directory, in which whatever runs in the container may have put links that lead out of it."""

import os
import shutil
from pathlib import Path

from careen.errors import ToolError

_PIECE = 1 << 20


def write_new(target: Path, content: bytes) -> None:
    """Write a file that takes the place of what has its name; no link is followed. Raises ToolError."""
    try:
        target.unlink(missing_ok=True)
        with os.fdopen(_open(target), "wb") as out:
            out.write(content)
    except OSError as error:
        msg = f"preparing {target.name} for the bench: {error.strerror or error}"
        raise ToolError(msg) from error


def copy_new(source: Path, target: Path, mode: int = 0o644) -> None:
    """Copy a file to the place of what has its name; no link is followed or made: root in the container could write to the source. Raises ToolError."""
    try:
        target.unlink(missing_ok=True)
        with source.open("rb") as stream, os.fdopen(_open(target), "wb") as out:
            shutil.copyfileobj(stream, out, _PIECE)
            os.fchmod(out.fileno(), mode)
    except OSError as error:
        msg = f"copying {source.name} to the bench: {error.strerror or error}"
        raise ToolError(msg) from error


def read_there(path: Path, limit: int) -> bytes:
    """Read what a program in the container wrote, as far as `limit` bytes; no link is followed, no pipe waited for. Raises ToolError."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            return stream.read(limit)
    except OSError as error:
        msg = f"reading {path.name} from the bench: {error.strerror or error}"
        raise ToolError(msg) from error


def _open(target: Path) -> int:
    return os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
