"""The run's directory and the journal of everything that must not outlive the run.

A run holds an exclusive lock on its directory. Anything that would outlive a crash is written to
the journal *before* it is created. A later run takes the lock of a dead run, undoes its journal in
reverse and removes its directory. So `kill -9` and power loss are cleaned up the same way.
"""

import contextlib
import errno
import fcntl
import json
import os
import secrets
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from careen.errors import ConfigError, ToolError
from careen.tools.remove_tree import remove_tree
from careen.tools.stragglers import RUN, end_marked

PREFIX = "run-"


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something outside the run directory, or mounted in it, that must be undone.

    `kind` selects the cleaner and `name` is its argument.
    """

    kind: str
    name: str


Cleaner = Callable[[str], None]
"""Undo one leftover. Idempotent: does nothing if it is already gone.

Raises ToolError if the engine does not answer, StillUsedError if the leftover is in use.
"""


class StillUsedError(ToolError):
    """A leftover that another process still uses; a later run removes it."""


def default_root() -> Path:
    """Return `$CAREEN_WORKDIR`, else `/var/tmp/careen-<uid>`."""
    named = os.environ.get("CAREEN_WORKDIR")
    # Not /tmp, which is often in memory: layers are large. Mode and owner are checked later.
    return Path(named) if named else Path("/var/tmp") / f"careen-{os.getuid()}"  # noqa: S108


def _private(root: Path) -> None:
    """Create `root` as a private directory; refuse a directory of another owner."""
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = root.lstat()
    except OSError as error:
        msg = f"work directory {str(root)!r}: {error.strerror}; name another one with --work-dir"
        raise ConfigError(msg) from error
    if seen.st_uid != os.getuid() or not root.is_dir() or root.is_symlink():
        msg = (
            f"work directory {str(root)!r}: belongs to another user or is not a directory; name"
            " another one with --work-dir"
        )
        raise ConfigError(msg)


class Workspace:
    """A run's directory, open and locked.

    `trouble` holds a sentence for each dead run that could not be cleaned up completely. After
    `close`, `still_used` holds one for each leftover that is still in use.
    """

    def __init__(self, path: Path, lock: int, trouble: tuple[str, ...] = ()) -> None:
        self.path = path
        self.trouble = trouble
        self.still_used: tuple[str, ...] = ()
        self._lock = lock
        self._journal = os.open(
            path / "journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600
        )
        self._removed = threading.Event()
        self._removed.set()

    def directory(self, name: str) -> Path:
        """Return a new, empty, private directory below the run's own."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.path))

    def remove_in_background(self, directory: Path) -> None:
        """Remove a directory of the run in a background thread, one directory at a time.

        Blocks while an earlier removal is running. `close` removes what could not be removed here.
        """
        self.wait_removal()
        done = self._removed = threading.Event()
        try:
            threading.Thread(target=_remove_quietly, args=(directory, done), name="remove").start()
        except RuntimeError:  # no more threads are allowed here
            _remove_quietly(directory, done)

    def wait_removal(self) -> None:
        """Wait until the background removal has ended."""
        self._removed.wait()  # not a join, whose result is unclear after a signal

    def record(self, leftover: Leftover) -> None:
        """Write a leftover to the journal and sync it, before the thing is created."""
        self._write("+", leftover)

    def forget(self, leftover: Leftover) -> None:
        """Write to the journal that a leftover is gone, or is a result that stays."""
        self._write("-", leftover)

    def _write(self, sign: str, leftover: Leftover) -> None:
        # Begin with a line break: a line that a full disk cut off must not corrupt the next one.
        line = f"\n{json.dumps([sign, leftover.kind, leftover.name])}\n".encode()
        if os.write(self._journal, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path / "journal"))
        os.fsync(self._journal)

    def close(self, cleaners: Mapping[str, Cleaner]) -> None:
        """Undo what the journal still holds, remove the directory and release the lock."""
        try:
            self.wait_removal()
        finally:
            self.wait_removal()  # in case a signal ended the first wait
            try:
                self.still_used = _undo(self.path, cleaners)
            finally:
                os.close(self._journal)
                os.close(self._lock)


def _remove_quietly(directory: Path, done: threading.Event) -> None:
    try:
        with contextlib.suppress(OSError):
            remove_tree(directory)
    finally:
        done.set()


def _pending(path: Path) -> list[Leftover]:
    pending: dict[Leftover, None] = {}
    try:
        lines = (path / "journal").read_text().splitlines()
    except FileNotFoundError:
        return []
    for line in lines:
        try:
            sign, kind, name = json.loads(line)
        except ValueError:
            # A run was killed while it wrote this line, so the thing was not created yet.
            continue
        if sign == "+":
            pending[Leftover(kind, name)] = None
        else:
            pending.pop(Leftover(kind, name), None)
    return list(reversed(pending))


def _undo(path: Path, cleaners: Mapping[str, Cleaner]) -> tuple[str, ...]:
    """Undo the journal and remove the directory; return a sentence for each leftover in use.

    If something is still in use, the journal and the lock stay.
    """
    # First, since a child of a dead run may still create what is removed below.
    end_marked(str(path), RUN)
    failed: list[str] = []
    used: list[str] = []
    for leftover in _pending(path):
        try:
            cleaners[leftover.kind](leftover.name)
        except StillUsedError as error:
            used.append(str(error))
        except (ToolError, OSError, KeyError) as error:
            failed.append(f"{leftover.kind} {leftover.name} ({error})")
    if failed:
        msg = f"could not clean up: {'; '.join(failed)}; the next run tries again (journal: {path})"
        raise ToolError(msg)
    if used:
        for each in path.iterdir():
            if each.is_dir() and not each.is_symlink():
                remove_tree(each)
            elif each.name not in ("journal", "lock"):
                each.unlink()
    else:
        remove_tree(path, last="lock")
    return tuple(used)


def _try_lock(path: Path) -> int | None:
    try:
        fd = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Another run may have removed the file between open and flock: then the lock is void.
        if os.fstat(fd).st_nlink:
            return fd
    except BlockingIOError:
        pass
    os.close(fd)
    return None


def runs(root: Path) -> tuple[Path, ...]:
    """Return the run directories of this user below `root`, dead and alive.

    Directories that other users can write to are left out.
    """
    # A journal lists things to remove, and in a shared place like /tmp anyone could plant one.
    return tuple(sorted(path for path in root.glob(f"{PREFIX}*") if _is_own(path)))


def _is_own(path: Path) -> bool:
    try:
        seen = path.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(seen.st_mode)
        and seen.st_uid == os.getuid()
        and not seen.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    )


def reap(root: Path, cleaners: Mapping[str, Cleaner]) -> tuple[str, ...]:
    """Clean up after dead runs; return a sentence for each that failed."""
    trouble: list[str] = []
    for path in runs(root):
        lock = _try_lock(path)
        if lock is None:
            continue
        try:
            _undo(path, cleaners)
        except ToolError as error:
            trouble.append(str(error))
        except OSError as error:
            trouble.append(f"could not remove {path}: {error.strerror}")
        finally:
            os.close(lock)
    return tuple(trouble)


def _new_run(root: Path, made: list[Path]) -> tuple[Path, int]:
    """Create and lock a run directory; `made` gets each directory before it is there."""
    # Another run that reaps before the lock takes the directory for a dead one: try again.
    for _ in range(5):
        path = root / f"{PREFIX}{secrets.token_hex(8)}"
        made.append(path)
        path.mkdir(mode=0o700)
        lock = _try_lock(path)
        if lock is not None:
            return path, lock
    msg = (
        f"work directory {str(root)!r}: a directory in it cannot be locked; name one on a local"
        " file system with --work-dir"
    )
    raise ToolError(msg)


def _open_run(root: Path, trouble: tuple[str, ...]) -> Workspace:
    """Return a new run; if it cannot be opened, or a signal ends it here, nothing is left."""
    made: list[Path] = []
    try:
        path, lock = _new_run(root, made)
        return Workspace(path, lock, trouble)
    except BaseException as error:
        for left in made:
            with contextlib.suppress(OSError):
                remove_tree(left)
        if not isinstance(error, OSError):
            raise
        msg = f"work directory {str(root)!r}: {error.strerror}; name another one with --work-dir"
        raise ConfigError(msg) from error


@contextmanager
def workspace(root: Path, cleaners: Mapping[str, Cleaner]) -> Iterator[Workspace]:
    """Clean up dead runs, then yield a new run directory and undo it at the end in any case."""
    _private(root)
    trouble = reap(root, cleaners)
    outer = os.environ.get(RUN)
    space = _open_run(root, trouble)
    try:
        os.environ[RUN] = str(space.path)
        yield space
    except BaseException as error:
        try:
            space.close(cleaners)
        except (ToolError, OSError) as trouble_at_end:
            # The first error is the one to raise.
            error.add_note(str(trouble_at_end))
        raise
    else:
        space.close(cleaners)
    finally:
        if outer is None:
            os.environ.pop(RUN, None)
        else:
            os.environ[RUN] = outer
