"""A document in the file that the user named, which may be a file in a directory, or a way to
another program.
"""

import errno
import os
import stat
from pathlib import Path

from careen.errors import InputError
from careen.report.directory import write_report

_ADVICE = "name another file"


def write_output(path: Path, content: bytes) -> None:
    """Write `content` to `path`: a file appears whole or not at all, its directory is made; into a
    device or a pipe (`/dev/stdout`) it is written.

    Only in the place of a file, or of nothing, may a new file be put: another thing would be gone.
    Raises InputError.
    """
    try:
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


def _is_replaceable(path: Path) -> bool:
    """Whether a new file may take its place: `/dev/stdout` is a link, and what it leads to is a
    file where the output was redirected to one.
    """
    return stat.S_ISREG(path.stat().st_mode) and not str(path.absolute()).startswith(
        ("/dev/", "/proc/")
    )
