"""Writer of a document to a path of the user's choice."""

import errno
import os
import re
import stat
import sys
from pathlib import Path

from careen.errors import InputError
from careen.report.directory import write_report
from careen.tools.whole_file import write_atomically

_ADVICE = "name another file"
_STREAMS = {"-": 1, "/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,9})\Z", re.ASCII)


def write_output(path: Path, content: bytes) -> None:
    """Write `content` to `path`; raises InputError.

    A regular file appears whole or not at all, and its directory is created. A device or pipe is
    written to, because replacing it would destroy it. `-`, `/dev/stdout` and the like are this
    process's open descriptors: what they lead to keeps what was written before.
    """
    try:
        number = descriptor_of(path)
        if number is not None:
            _write_to(number, content)
            return
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not _is_replaceable(path):
            with path.open("wb") as out:
                out.write(content)
            return
    except FileNotFoundError:
        pass
    except OSError as error:
        msg = f"writing {str(path)!r}: {error.strerror}; {_ADVICE}"
        raise InputError(msg) from error
    write_report(path.parent, {path.name: content}, _ADVICE)


def descriptor_of(path: Path) -> int | None:
    """Return the number of the open descriptor that a path names, or None for another path."""
    text = str(path)
    number = _DESCRIPTOR.match(text)
    return int(number.group(1)) if number is not None else _STREAMS.get(text)


def _write_to(number: int, content: bytes) -> None:
    # Opening /dev/stdout truncates the file that it is redirected to.
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    with os.fdopen(os.dup(number), "wb") as out:
        out.write(content)


def rewrite_output(path: Path, content: bytes) -> None:
    """Write new content to a file that is there; raises InputError.

    It appears whole or not at all. Links to it, its mode and its owner stay.
    """
    try:
        place = path.resolve(strict=True)
        folder = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            write_atomically(folder, place.name, content, 0o600, place.stat())
        finally:
            os.close(folder)
    except OSError as error:
        msg = f"writing {str(path)!r}: {error.strerror}; {_ADVICE}"
        raise InputError(msg) from error


def remove_output(path: Path) -> None:
    """Remove what `write_output` would replace, and nothing else. Raises InputError."""
    try:
        if descriptor_of(path) is None and _is_replaceable(path):
            path.unlink()
    except FileNotFoundError:
        pass
    except OSError as error:
        msg = f"removing {str(path)!r}: {error.strerror}; {_ADVICE}"
        raise InputError(msg) from error


def check_output_file(path: Path) -> None:
    """Raise InputError if `write_output` could not write there, before the work for it is done."""
    if descriptor_of(path) is not None:
        return
    place, trouble = path.absolute(), ""
    if place.is_dir():
        trouble = os.strerror(errno.EISDIR)
    elif not place.exists() or _is_replaceable(place):
        folder = next(above for above in place.parents if above.exists())
        if not folder.is_dir():
            trouble = os.strerror(errno.ENOTDIR)
        elif not os.access(folder, os.W_OK | os.X_OK):
            trouble = os.strerror(errno.EACCES)
    elif not os.access(place, os.W_OK):
        trouble = os.strerror(errno.EACCES)
    if trouble:
        msg = f"writing {str(path)!r}: {trouble}; {_ADVICE}"
        raise InputError(msg)


def _is_replaceable(path: Path) -> bool:
    """Return whether a new file may replace the path."""
    # `/dev/stdout` is a link to a regular file if the output was redirected to one.
    return stat.S_ISREG(path.stat().st_mode) and not str(path.absolute()).startswith(
        ("/dev/", "/proc/")
    )
