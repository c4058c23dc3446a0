"""A bounded cache of files in the user's cache directory.

It holds only what careen can compute again, so it is safe to delete. Concurrent runs may share it.
"""

import contextlib
import functools
import hashlib
import os
import re
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

import careen
from careen.tools.private_directory import opened_private
from careen.tools.whole_file import PARTIAL, write_atomically

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_OURS = re.compile(rf"[0-9a-f]{{64}}|{PARTIAL}")


def cache_home() -> Path:
    """Return `careen` in the user's cache directory (XDG Base Directory: `~/.cache`)."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if named.startswith("/") else Path.home() / ".cache") / "careen"


def default_cache() -> Path | None:
    """Return `$CAREEN_CACHE`, else `images` in `cache_home`; None for a user without a home."""
    named = os.environ.get("CAREEN_CACHE")
    try:
        return (Path(named) if named else cache_home() / "images").absolute()
    except (OSError, RuntimeError):
        return None


@functools.cache
def code_stamp() -> str:
    """Return a digest of careen's and Python's version, and of careen's files: names, sizes, times.

    Cache keys contain it, since another version of careen may compute other results. The value is
    random while careen's files cannot be read.
    """
    root = Path(careen.__file__).parent
    seen = hashlib.sha256(f"{careen.__version__}\0{sys.version}".encode())
    try:
        for folder, folders, names in os.walk(root):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(names):
                # os.stat on a string is faster; this runs on hundreds of files at each start.
                status = os.stat(f"{folder}/{name}")  # noqa: PTH116
                seen.update(
                    f"{folder}/{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode(
                        "utf-8", "surrogateescape"
                    )
                )
    except OSError:  # careen is being installed: match no entry
        return secrets.token_hex(32)
    return seen.hexdigest()


@dataclass(frozen=True, slots=True)
class Cache:
    """A directory of files by key, at most `limit` bytes on disk, with LRU eviction.

    Files that careen did not write are left alone. No method raises: a cache that cannot be read or
    written, or that other users can write to, only costs time.
    """

    directory: Path
    limit: int

    def get(self, *key: str) -> bytes | None:
        """Return the bytes stored under a key, or None; mark them as used now."""
        try:
            with (
                opened_private(self.directory) as folder,
                open(os.open(_name(key), _OPEN, dir_fd=folder), "rb") as stream,  # noqa: PTH123
            ):
                data = stream.read(self.limit + 1)
                with contextlib.suppress(OSError):  # it may be mounted read-only
                    os.utime(stream.fileno())
        except OSError:
            return None
        return data if len(data) <= self.limit else None

    def put(self, data: bytes, *key: str) -> None:
        """Store bytes under a key, atomically."""
        if len(data) > self.limit:
            return
        with contextlib.suppress(OSError):
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with opened_private(self.directory) as folder:
                self._make_room(len(data))
                write_atomically(folder, _name(key), data, 0o600)

    def drop(self, *key: str) -> None:
        """Remove a damaged entry."""
        with contextlib.suppress(OSError), opened_private(self.directory) as folder:
            os.unlink(_name(key), dir_fd=folder)

    def trouble(self) -> str:
        """Return why nothing can be stored, or "" if it can or the directory can be made."""
        place = self.directory
        try:
            with opened_private(place):
                pass
        except FileNotFoundError:
            place = next(each for each in place.parents if each.exists())
        except OSError as error:
            return error.strerror or "others can write to it"
        return "" if os.access(place, os.W_OK | os.X_OK) else "cannot be written to"

    def _make_room(self, size: int) -> None:
        """Remove the least recently used files, including partial files of killed runs."""
        files: list[tuple[int, int, str]] = []
        with os.scandir(self.directory) as found:
            for item in found:
                with contextlib.suppress(OSError):
                    if _OURS.fullmatch(item.name) and item.is_file(follow_symlinks=False):
                        status = item.stat(follow_symlinks=False)
                        files.append((status.st_mtime_ns, status.st_blocks * 512, item.path))
        left = self.limit - size - sum(each[1] for each in files)
        for _, freed, path in sorted(files):
            if left >= 0:
                break
            with contextlib.suppress(OSError):
                os.unlink(path)  # noqa: PTH108 — a string of scandir's
                left += freed


def _name(key: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(key).encode("utf-8", "surrogateescape")).hexdigest()


def trouble_of_named_cache() -> str:
    """Return a sentence about why nothing can be stored in `$CAREEN_CACHE`, or ""."""
    directory = default_cache()
    if not os.environ.get("CAREEN_CACHE") or directory is None:
        return ""
    trouble = Cache(directory, 0).trouble()
    return f"CAREEN_CACHE={directory}: {trouble}, so nothing is stored there" if trouble else ""
