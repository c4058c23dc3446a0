"""The histories of images: a file of events for each, in one directory."""

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from careen.errors import ConfigError, InputError
from careen.evidence.directory.history import (
    MAX_HISTORY,
    line_of,
    read_history,
)
from careen.formats.oci_purl import repository_of
from careen.model.history import Event, History
from careen.tools.read_file import read_file
from careen.tools.user_data import user_data

_OPEN = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_READABLE = re.compile(r"[^a-z0-9.]+")
_END = 1 << 20  # bytes; an event is shorter


def history_folder() -> Path:
    """Return `$CAREEN_HISTORY`, else `history` in careen's user data."""
    named = os.environ.get("CAREEN_HISTORY")
    return Path(named) if named else user_data() / "history"


def record(event: Event) -> Path:
    """Append an event to the history of its original image, and return the file.

    Raises InputError if it cannot be written.
    """
    path = history_file(event.image.reference)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path) as fd:
            before = _last_line(fd)
            os.write(fd, line_of(event, before))
            os.fsync(fd)
    except OSError as error:
        msg = (
            f"the history {str(path)!r} cannot be written: {error.strerror}; set CAREEN_HISTORY to"
            " another directory"
        )
        raise InputError(msg) from error
    return path


def histories_of(image: str) -> Iterator[History]:
    """Yield each history that names an image: its original, a result, or one of their digests.

    Raises ConfigError for a damaged file that could be the image's.
    """
    folder = history_folder()
    for path in sorted(folder.glob("*.jsonl")):
        try:
            history = read_history(read_file(path, MAX_HISTORY), str(path))
        except ConfigError:
            if path == history_file(image):
                raise
            continue  # of another image, which has its own command
        if any(_names(event, image) for event in history.events):
            yield history


def _names(event: Event, image: str) -> bool:
    known = {
        event.image.reference,
        event.result.reference,
        event.image.digest,
        event.result.digest,
        *event.promoted,
    }
    # A name without a tag stands for all tags.
    return image in known or image in {repository_of(name) for name in known}


def history_file(reference: str) -> Path:
    """Return the file of an original image's history; it may not exist yet."""
    name = repository_of(reference) or reference
    readable = _READABLE.sub("-", name.lower()).strip("-")[-60:]
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
    # Different names may read alike.
    return history_folder() / f"{readable}-{digest[:8]}.jsonl"


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    fd = os.open(path, _OPEN, 0o644)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield fd
    finally:
        os.close(fd)


def _last_line(fd: int) -> bytes | None:
    """Return the last line, and leave the file at the place for the next one."""
    size = os.fstat(fd).st_size
    start = max(0, size - _END)
    end = os.pread(fd, size - start, start)
    whole = end[: end.rfind(b"\n") + 1]
    if len(whole) < len(end):  # a line that was never completed, by a run that was killed
        os.ftruncate(fd, start + len(whole))
    os.lseek(fd, 0, os.SEEK_END)
    return whole.splitlines()[-1] if whole else None
