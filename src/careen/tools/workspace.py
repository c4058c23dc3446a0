"""The run's own directory, and the journal of everything that must not outlive the run.

A run holds an exclusive lock on its directory. Whatever would outlive a crash is written to the journal *before* it is made. A later run takes the lock of a
dead run, undoes its journal backwards and removes its directory; `kill -9` and power loss end the same way.
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from careen.errors import ConfigError, ToolError
from careen.tools.remove_tree import remove_tree

PREFIX = "run-"


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something outside the run directory (or mounted in it) to undo: `kind` names the cleaner, `name` is what it is given."""

    kind: str
    name: str


Cleaner = Callable[[str], None]
"""Undo one leftover. Idempotent: silent when it is already gone. May raise ToolError when the engine does not answer."""


def default_root() -> Path:
    """`$CAREEN_WORKDIR`, else `/var/tmp/careen-<uid>` (layers are large: not /tmp, which is often memory)."""
    named = os.environ.get("CAREEN_WORKDIR")
    return Path(named) if named else Path("/var/tmp") / f"careen-{os.getuid()}"  # noqa: S108 — private: mode and owner are checked


def _private(root: Path) -> None:
    """Make `root` a directory that only this user can write to; another owner's directory is refused, not used."""
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = root.lstat()
    except OSError as error:
        msg = f"work directory {str(root)!r}: {error.strerror}; name another one with --work-dir"
        raise ConfigError(msg) from error
    if seen.st_uid != os.getuid() or not root.is_dir() or root.is_symlink():
        msg = f"work directory {str(root)!r}: belongs to another user or is not a directory; name another one with --work-dir"
        raise ConfigError(msg)


class Workspace:
    """One run's directory, open and locked."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock
        self._journal = os.open(path / "journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def directory(self, name: str) -> Path:
        """Return a new, empty, private directory below the run's own."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.path))

    def record(self, leftover: Leftover) -> None:
        """Write to the journal, durably, before the thing is made."""
        self._write("+", leftover)

    def forget(self, leftover: Leftover) -> None:
        """Note that it is gone, or that it is a result that stays."""
        self._write("-", leftover)

    def _write(self, sign: str, leftover: Leftover) -> None:
        line = json.dumps([sign, leftover.kind, leftover.name]) + "\n"
        os.write(self._journal, line.encode())
        os.fsync(self._journal)

    def close(self, cleaners: Mapping[str, Cleaner]) -> None:
        """Undo what the journal still holds and remove the directory; release the lock."""
        try:
            _undo(self.path, cleaners)
        finally:
            os.close(self._journal)
            os.close(self._lock)


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
            continue  # the last line of a run that was killed while it wrote: what it announced was not made yet
        if sign == "+":
            pending[Leftover(kind, name)] = None
        else:
            pending.pop(Leftover(kind, name), None)
    return list(reversed(pending))


def _undo(path: Path, cleaners: Mapping[str, Cleaner]) -> None:
    failed: list[str] = []
    for leftover in _pending(path):
        try:
            cleaners[leftover.kind](leftover.name)
        except (ToolError, OSError, KeyError) as error:
            failed.append(f"{leftover.kind} {leftover.name} ({error})")
    if failed:
        msg = f"could not clean up: {'; '.join(failed)}; the next run tries again (journal: {path})"
        raise ToolError(msg)
    remove_tree(path, last="lock")


def _try_lock(path: Path) -> int | None:
    try:
        fd = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Another run may have removed this file between the open and the lock: then it locks nothing.
        if os.fstat(fd).st_nlink:
            return fd
    except BlockingIOError:
        pass
    os.close(fd)
    return None


def reap(root: Path, cleaners: Mapping[str, Cleaner]) -> tuple[str, ...]:
    """Clean up after runs that died; return a sentence for each one that could not be cleaned up wholly."""
    trouble: list[str] = []
    for path in sorted(root.glob(f"{PREFIX}*")):
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


def _new_run(root: Path) -> tuple[Path, int]:
    """Make and lock a directory; another run that reaps in between takes it for a dead one, so try again."""
    for _ in range(5):
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
        lock = _try_lock(path)
        if lock is not None:
            return path, lock
    msg = f"work directory {str(root)!r}: a directory in it cannot be locked; name one on a local file system with --work-dir"
    raise ToolError(msg)


@contextmanager
def workspace(root: Path, cleaners: Mapping[str, Cleaner]) -> Iterator[Workspace]:
    """Reap dead runs, then open a new run directory for the `with` block and undo it at the end, whatever happened inside."""
    _private(root)
    reap(root, cleaners)
    path, lock = _new_run(root)
    space = Workspace(path, lock)
    try:
        yield space
    finally:
        space.close(cleaners)
