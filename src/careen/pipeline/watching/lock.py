"""Lock of a state directory; the kernel releases it when the process ends."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from careen.errors import ConfigError, ToolError
from careen.pipeline.watching.state import ADVICE

_SHOWN = 200


@contextmanager
def only_pass(directory: Path, since: str, advice: str = ADVICE) -> Iterator[None]:
    """Hold the lock of a state directory for the `with` block; create the directory if needed.

    Raises ToolError while another pass holds it, ConfigError if it cannot be created.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = os.open(
            directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644
        )
    except OSError as error:
        msg = f"state directory {str(directory)!r}: {error.strerror}; {advice}"
        raise ConfigError(msg) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _held(directory, lock, error, advice) from error
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"since {since}, process {os.getpid()}".encode(), 0)
        yield
    finally:
        os.close(lock)


def _held(directory: Path, lock: int, error: OSError, advice: str) -> ToolError:
    if error.errno != errno.EWOULDBLOCK:
        return ToolError(
            f"state directory {str(directory)!r}: cannot be locked ({error.strerror}): it has"
            f" to be on a local file system; {advice}"
        )
    who = os.pread(lock, _SHOWN, 0).decode("utf-8", "replace")
    return ToolError(
        f"another pass is running ({who or 'it has just begun'}) with the state directory"
        f" {str(directory)!r}; wait until it has ended"
    )
