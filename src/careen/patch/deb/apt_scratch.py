"""Files of ours below the bench. What runs in the container can put links there at any time, which might lead anywhere on this machine: none is followed."""

import contextlib
import os
import stat
from collections.abc import Iterator

from careen.errors import ToolError
from careen.patch.bench import INSIDE, Bench


def put(bench: Bench, name: str, data: bytes) -> str:
    """Write a file (`apt/steps.sh`, in a directory that is there) anew, readable by everybody; return its path in the container."""
    with _parent(bench, name) as (directory, last):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(last, dir_fd=directory)
        descriptor = os.open(last, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=directory)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            os.fchmod(descriptor, 0o644)
    return f"{INSIDE}/{name}"


def take(bench: Bench, name: str, limit: int) -> bytes | None:
    """Return the content of a file, None if it is missing. Raises ToolError for a link, anything but a file, and for more than `limit` bytes."""
    with _parent(bench, name) as (directory, last):
        try:
            descriptor = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                msg = f"reading {INSIDE}/{name}: not a regular file"
                raise ToolError(msg)
            data = stream.read(limit + 1)
    if len(data) > limit:
        msg = f"reading {INSIDE}/{name}: larger than the {limit} bytes that are read of such a file"
        raise ToolError(msg)
    return data


@contextlib.contextmanager
def _parent(bench: Bench, name: str) -> Iterator[tuple[int, str]]:
    *above, last = name.split("/")
    opened: list[int] = []
    try:
        opened.append(os.open(bench.scratch, os.O_RDONLY | os.O_DIRECTORY))
        for part in above:
            opened.append(os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=opened[-1]))
        yield opened[-1], last
    except OSError as error:
        msg = f"the bench's own file {INSIDE}/{name} cannot be used: {error.strerror}; something in the container may have put a link there"
        raise ToolError(msg) from error
    finally:
        for descriptor in opened:
            os.close(descriptor)
