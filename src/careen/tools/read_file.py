"""Read a file that the user named, in bounds."""

from pathlib import Path

from careen.errors import ConfigError


def read_file(path: Path, limit: int) -> bytes:
    """Return the content of at most `limit` bytes. Raises ConfigError: the path, and what is the matter."""
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror or error}"
        raise ConfigError(msg) from error
    if len(data) > limit:
        msg = f"{path}: larger than the {limit} bytes that are read of such a file"
        raise ConfigError(msg)
    return data
