"""Write a file atomically: it appears complete or not at all."""

import contextlib
import os
import secrets
import stat

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
PARTIAL_BEGINS = ".careen-"
PARTIAL = r"\.careen-[0-9a-f]{16}"
"""Regular expression for the names of partial files that a killed run may leave."""


def write_atomically(
    folder: int, name: str, content: bytes, mode: int, like: os.stat_result | None = None
) -> None:
    """Write `content` to `name` in the open directory `folder`, atomically.

    The file gets `mode` less the umask; with `like`, that file's mode, and as root its owner. A
    symbolic link of that name is replaced, not followed. Raises OSError.
    """
    temporary = f"{PARTIAL_BEGINS}{secrets.token_hex(8)}"
    try:
        with os.fdopen(os.open(temporary, _CREATE, mode, dir_fd=folder), "wb") as stream:
            stream.write(content)
            if like is not None:
                if os.geteuid() == 0:
                    os.fchown(stream.fileno(), like.st_uid, like.st_gid)
                os.fchmod(stream.fileno(), stat.S_IMODE(like.st_mode))  # after a change of owner
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:  # Ctrl-C, too
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        raise
