"""The run's own directory, and the journal of everything that must not outlive the run.

A run holds an exclusive lock on its directory. Whatever would outlive a crash is written to the
journal *before* it is made. A later run takes the lock of a dead run, undoes its journal backwards
and removes its directory; `kill -9` and power loss end the same way.
"""

import contextlib
import errno
import fcntl
import json
import os
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
    """Something outside the run directory (or mounted in it) to undo: `kind` names the cleaner,
    `name` is what it is given.
    """

    kind: str
    name: str


Cleaner = Callable[[str], None]
"""Undo one leftover. Idempotent: silent when it is already gone. May raise ToolError when the
engine does not answer, StillUsedError when it has to wait.
"""


class StillUsedError(ToolError):
    """A leftover that another run, or somebody else, uses at this moment: no fault of this run, and
    a later one removes it.
    """


def default_root() -> Path:
    """`$CAREEN_WORKDIR`, else `/var/tmp/careen-<uid>` (layers are large: not /tmp, which is often
    memory).
    """
    named = os.environ.get("CAREEN_WORKDIR")
    # private: mode and owner are checked
    return Path(named) if named else Path("/var/tmp") / f"careen-{os.getuid()}"  # noqa: S108


def _private(root: Path) -> None:
    """Make `root` a directory that only this user can write to; another owner's directory is
    refused, not used.
    """
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
    """One run's directory, open and locked.

    `trouble` holds a sentence for each dead run that could not be cleaned up wholly before this one
    began; `still_used`, once closed, one for each thing that somebody else uses and that the next
    run removes.
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

    def remove_aside(self, directory: Path) -> None:
        """Remove a directory of the run while the run goes on: a tree of gigabytes takes seconds.
        What cannot be removed now, `close` tries again.

        One at a time: whoever removes the next waits for the one before.
        """
        self.wait_removal()
        done = self._removed = threading.Event()
        try:
            threading.Thread(target=_remove_quietly, args=(directory, done), name="remove").start()
        except RuntimeError:  # no more threads are allowed here
            _remove_quietly(directory, done)

    def wait_removal(self) -> None:
        """Wait until what is being removed is gone: its room is wanted."""
        self._removed.wait()  # not a join, which a signal can leave in doubt

    def record(self, leftover: Leftover) -> None:
        """Write to the journal, durably, before the thing is made."""
        self._write("+", leftover)

    def forget(self, leftover: Leftover) -> None:
        """Note that it is gone, or that it is a result that stays."""
        self._write("-", leftover)

    def _write(self, sign: str, leftover: Leftover) -> None:
        # The line begins with its break: one that was torn by a full disk must not spoil the next.
        line = f"\n{json.dumps([sign, leftover.kind, leftover.name])}\n".encode()
        if os.write(self._journal, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path / "journal"))
        os.fsync(self._journal)

    def close(self, cleaners: Mapping[str, Cleaner]) -> None:
        """Undo what the journal still holds and remove the directory; release the lock."""
        try:
            self.wait_removal()
        finally:
            self.wait_removal()  # if a signal has ended the first wait
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
            # the last line of a run that was killed while it wrote: what it announced was not made
            # yet
            continue
        if sign == "+":
            pending[Leftover(kind, name)] = None
        else:
            pending.pop(Leftover(kind, name), None)
    return list(reversed(pending))


def _undo(path: Path, cleaners: Mapping[str, Cleaner]) -> tuple[str, ...]:
    """Undo the journal and remove the directory; where something is still used, only the journal
    stays, and what is said of it is returned.
    """
    end_marked(
        str(path), RUN
    )  # first, since a child of a dead run may still make what is removed below
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
        # Another run may have removed this file between the open and the lock: then it locks
        # nothing.
        if os.fstat(fd).st_nlink:
            return fd
    except BlockingIOError:
        pass
    os.close(fd)
    return None


def runs(root: Path) -> tuple[Path, ...]:
    """Return the run directories below `root`, dead and alive.

    Only this user's, which nobody else can write to: a journal is a list of things to remove, and
    in a shared place like /tmp anybody could plant one.
    """
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
    """Clean up after runs that died; return a sentence for each one that could not be cleaned up
    wholly.
    """
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


def _new_run(root: Path) -> tuple[Path, int]:
    """Make and lock a directory; another run that reaps in between takes it for a dead one, so try
    again.
    """
    for _ in range(5):
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
        try:
            lock = _try_lock(path)
        except OSError:
            path.rmdir()
            raise
        if lock is not None:
            return path, lock
    msg = (
        f"work directory {str(root)!r}: a directory in it cannot be locked; name one on a local"
        " file system with --work-dir"
    )
    raise ToolError(msg)


@contextmanager
def workspace(root: Path, cleaners: Mapping[str, Cleaner]) -> Iterator[Workspace]:
    """Reap dead runs, then open a new run directory for the `with` block and undo it at the end,
    whatever happened inside.
    """
    _private(root)
    trouble = reap(root, cleaners)
    try:
        path, lock = _new_run(root)
        space = Workspace(path, lock, trouble)
    except OSError as error:
        msg = f"work directory {str(root)!r}: {error.strerror}; name another one with --work-dir"
        raise ConfigError(msg) from error
    outer = os.environ.get(RUN)
    os.environ[RUN] = str(path)
    try:
        yield space
    except BaseException as error:
        try:
            space.close(cleaners)
        except (ToolError, OSError) as trouble_at_end:
            error.add_note(
                str(trouble_at_end)
            )  # what went wrong first is what the user has to know first
        raise
    else:
        space.close(cleaners)
    finally:
        if outer is None:
            del os.environ[RUN]
        else:
            os.environ[RUN] = outer
