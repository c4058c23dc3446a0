"""What every verb does around its pipeline call: where it prints, and the session that it runs in."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from careen.pipeline.session import Session, session
from careen.pipeline.settings import Destination, Settings
from careen.report.progress import Progress, SilentProgress, open_progress
from careen.workload.config import ProjectConfig

REPORTS = Path("careen-out")


@contextmanager
def open_session(settings: Settings, given: dict[str, Any]) -> Iterator[Session]:
    """Open a session that tells its progress on standard error, unless the output was asked to be quiet or JSON."""
    with session(settings, progress_of(given)) as run:
        yield run


def progress_of(given: dict[str, Any]) -> Progress:
    """Return the progress display that the options ask for."""
    return SilentProgress() if given.get("quiet") or given.get("as_json") else open_progress(sys.stderr)


def report_name(destination: Destination, image: str) -> str:
    """Return the directory name that stands for a result: its tag, else its first file, else the image."""
    text = destination.tag or (destination.outputs[0].path.name if destination.outputs else image)
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", text).strip("._") or "image"


def settle_report_directory(given: dict[str, Any], project: ProjectConfig, name: str) -> Path:
    """Return where the report goes: --report-dir, else careen.toml's, else careen-out/NAME."""
    named = given.get("report_dir") or project.report_dir
    return Path(named) if named else REPORTS / name


def emit(data: bytes) -> None:
    """Write a document to standard output."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
