"""Session, progress and output that all commands share."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import Settings
from careen.report.terminal_output.progress import Progress, SilentProgress, open_progress


@contextmanager
def open_session(settings: Settings, given: dict[str, Any]) -> Iterator[Session]:
    """Open a session with progress on standard error, or silent for quiet or JSON output."""
    with session(settings, progress_of(given)) as run:
        yield run


def progress_of(given: dict[str, Any]) -> Progress:
    """Return the progress display that the options ask for."""
    return (
        SilentProgress()
        if given.get("quiet") or given.get("as_json")
        else open_progress(sys.stderr)
    )


def emit(data: bytes) -> None:
    """Write a document to standard output."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
