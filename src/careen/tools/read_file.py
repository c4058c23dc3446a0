"""Bounded reads of files that the user named."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from careen.errors import ConfigError

Parsed = TypeVar("Parsed")


def read_file(path: Path, limit: int) -> bytes:
    """Return the content of a file of at most `limit` bytes.

    Raises ConfigError with the path and the reason.
    """
    try:
        with path.open("rb") as stream:
            return _bounded(stream, path, limit)
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror or error}"
        raise ConfigError(msg) from error


def read_regular(path: Path, limit: int) -> bytes:
    """Return the content as `read_file` does; raises ConfigError also for a link or a pipe.

    For a file that careen left itself, where another process could have put something else.
    """
    try:
        # A pipe without a writer would be waited for.
        opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            os.close(opened)
            msg = f"{path}: not a regular file; remove it"
            raise ConfigError(msg)
        with os.fdopen(opened, "rb") as stream:
            return _bounded(stream, path, limit)
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror or error}"
        raise ConfigError(msg) from error


def _bounded(stream: BinaryIO, path: Path, limit: int) -> bytes:
    data = stream.read(limit + 1)
    if len(data) > limit:
        msg = f"{path}: larger than the {limit} bytes that are read of such a file"
        raise ConfigError(msg)
    return data


def parse_file(path: Path, limit: int, parse: Callable[[bytes], Parsed]) -> Parsed:
    """Return `parse` applied to the file's content.

    A ConfigError of `parse` is raised with the path in front.
    """
    return parsed(read_file(path, limit), path, parse)


def parsed(data: bytes, path: Path, parse: Callable[[bytes], Parsed]) -> Parsed:
    """Return `parse` applied to what was read of a file; raises as `parse_file`."""
    try:
        return parse(data)
    except ConfigError as error:
        msg = f"{path}: {error}"
        raise ConfigError(msg) from error
