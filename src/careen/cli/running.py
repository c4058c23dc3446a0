"""Session, progress and output that all commands share.

A command that runs no container loads no engine: questions to the fleet take less than a second.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from careen.pipeline.run.session import Session
    from careen.pipeline.run.settings import Settings
    from careen.report.terminal_output.progress import Progress


@contextmanager
def open_session(settings: "Settings", given: dict[str, Any]) -> "Iterator[Session]":
    """Open a session with progress on standard error, or silent for quiet or JSON output."""
    from careen.pipeline.run.session import session

    with session(settings, progress_of(given)) as run:
        yield run


def progress_of(given: dict[str, Any]) -> "Progress":
    """Return the progress display that the options ask for."""
    from careen.report.terminal_output.progress import SilentProgress, open_progress

    return (
        SilentProgress()
        if given.get("quiet") or given.get("as_json")
        else open_progress(sys.stderr)
    )


def emit(data: bytes) -> None:
    """Write a document to standard output."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
