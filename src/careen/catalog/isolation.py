"""Programs that make roots, with mounts and processes of their own, which end when careen ends."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from careen.catalog.user_namespace import UNSHARE, mapped
from careen.errors import InputError, ToolError
from careen.tools.process import Finished, Program, run
from careen.tools.stragglers import RUN

SETPRIV = Program(("setpriv",), "util-linux")
SECONDS = 1800.0
ROOM = 3 << 30
"""Bytes that must be free where a root is made: the largest entry takes some 1.5 GB."""
TAR = ("--one-file-system", "--sort=name", "--numeric-owner", "--xattrs", "--format=pax")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_LOST = (
    *("audit_control", "linux_immutable", "mac_admin", "mac_override", "net_admin", "net_raw"),
    *("sys_boot", "sys_module", "sys_ptrace", "sys_rawio", "sys_time", "syslog"),
)
"""Capabilities that no package manager needs."""
# a directory of devices and /proc below the root, in mounts that end with this process
_INSIDE = """set -e
root=$1; shift
mkdir -p "$root/dev" "$root/proc"
mount -t tmpfs -o mode=755 none "$root/dev"
for name in null zero full random urandom; do
  touch "$root/dev/$name"; mount --bind "/dev/$name" "$root/dev/$name"
done
mount -t proc none "$root/proc"
exec "$@"
"""


def apart(*, alone: bool) -> list[str]:
    """Return the words before a program that give it mounts and processes of its own.

    It may mount below a root; after SIGKILL such mounts would stay. `alone` takes the network and
    capabilities, too. Without root it gets a user namespace first.
    """
    lost = ("--bounding-set", ",".join(f"-{name}" for name in _LOST)) if alone else ()
    # a new user namespace takes the signal back, so it comes first
    words = [*mapped(), SETPRIV.require(), "--pdeathsig", "KILL", *lost]
    words += [UNSHARE.require(), *(("--net", "--ipc") if alone else ())]
    return [*words, "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


def tied() -> list[str]:
    """Return the words before a program that runs nothing of a package: it ends with careen."""
    return [SETPRIV.require(), "--pdeathsig", "KILL"]  # no namespace: that would need rights


def inside(root: Path, argv: Sequence[str]) -> list[str]:
    """Return the words that run a program with devices and /proc below `root`, for its scripts."""
    return [*apart(alone=True), "sh", "-c", _INSIDE, "sh", str(root), *argv]


def require_room(folder: Path) -> None:
    """Raise InputError if a root may not have room in a folder."""
    seen = os.statvfs(folder)
    free = seen.f_bavail * seen.f_frsize
    if free < ROOM:
        msg = (
            f"building the root: {free >> 20:,} MiB are free in {str(folder)!r}, and"
            f" {ROOM >> 20:,} MiB are needed; free some, or name another place with --work-dir"
        )
        raise InputError(msg)


def private(path: Path, lines: Sequence[str]) -> Path:
    """Write lines into a file that nobody else reads, and return it."""
    path.unlink(missing_ok=True)
    path.touch(0o600)
    path.write_text("\n".join((*lines, "")), "utf-8")
    return path


def proxies() -> Mapping[str, str]:
    """Return this process' variables of proxies, which may hold credentials."""
    return {name: os.environ[name] for name in _PROXIES if name in os.environ}


def environment(temporary: Path, epoch: int) -> Mapping[str, str]:
    """Return the variables of a program that makes roots; HOME is no directory."""
    # the mark by which a later run ends what a killed one left running; no other variable of
    # careen, because scripts of packages could read it, and some hold credentials
    kept = {name: os.environ[name] for name in (RUN,) if name in os.environ}
    return {
        **kept,
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "TMPDIR": str(temporary),
        "SOURCE_DATE_EPOCH": str(epoch),
    }


def finished(argv: Sequence[str], env: Mapping[str, str], what: str) -> Finished:
    """Run a program to its end, at most half an hour. Raises ToolError with `what` after that."""
    done = run(argv, timeout=SECONDS, env=env)
    if done.status is None:
        msg = f"building the root: {what} did not finish in {SECONDS:g} s and was ended"
        raise ToolError(msg)
    return done


def said(done: Finished) -> str:
    """Return the output of a program as text, errors at the end."""
    return (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")


def save(root: Path, target: Path, excluded: Sequence[str]) -> None:
    """Write a root as a tar, without what is mounted or temporary. Raises ToolError."""
    outside = ("./dev", "./proc", "./sys", "./run/*", "./tmp/*", *excluded)
    words = [f"--exclude={each}" for each in outside]
    argv = [*mapped(), *tied(), "tar", "-C", str(root), *TAR, *words, "-cf", str(target), "."]
    done = finished(argv, environment(target.parent, 0), "tar")
    if done.status != 0:
        msg = f"saving the root: {done.complaint}"
        raise ToolError(msg)
