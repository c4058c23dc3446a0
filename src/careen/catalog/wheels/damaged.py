"""What reading or unpacking a damaged wheel raises, and what a full disk raises."""

import configparser
import csv
import errno
import lzma
import zipfile
import zlib

from installer.exceptions import InstallerError

DAMAGED = (
    *(InstallerError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    *(configparser.Error, csv.Error, ValueError, KeyError, IndexError),
    *(AssertionError, RuntimeError, NotImplementedError),
)
"""Besides OSError; for each there is a file that a stranger can write."""
_PLACES = (
    *(errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY),
    *(errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL),
)


def is_of_wheel(error: OSError) -> bool:
    """Return whether the paths in the wheel caused it, such as a file where a directory is."""
    # the installer raises FileExistsError without a number, and zipfile OSError for bz2's data
    return error.errno in _PLACES or error.errno is None


def cause(error: OSError) -> str:
    """Return the cause on this machine, and what to do if it is a full disk."""
    said = error.strerror or str(error)
    return f"{said}; free some room" if error.errno in (errno.ENOSPC, errno.EDQUOT) else said
