"""A root file system with this machine's own apt, dpkg and shell, and a container that is no more
than a chroot into it.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from careen.model.runs.engine import CommandResult
from tests.support.watched import DockerContainer

PACKAGES = (
    "apt",
    "dpkg",
    "gpgv",
    "sqv",
    "dash",
    "coreutils",
    "tar",
    "sed",
    "grep",
    "diffutils",
    "findutils",
    "base-files",
)
_LEFT_OUT = (
    "/usr/share/doc/",
    "/usr/share/man/",
    "/usr/share/locale/",
    "/usr/share/bash-completion/",
    "/etc/apt/",
    "/usr/share/perl5/",
)


def make_root(root: Path) -> None:
    """Copy what these packages have of this machine, and the libraries that their programs need."""
    wanted: set[str] = {
        "/bin/sh",
        "/etc/passwd",
        "/etc/group",
        "/usr/sbin/ldconfig",
        "/usr/sbin/start-stop-daemon",
    }
    for package in PACKAGES:
        # the test's own machine
        done = subprocess.run(["dpkg", "-L", package], capture_output=True, text=True, check=False)  # noqa: TID251
        wanted.update(line for line in done.stdout.splitlines() if not line.startswith(_LEFT_OUT))
    for link in ("bin", "sbin", "lib", "lib64"):
        if (there := Path("/", link)).is_symlink():
            (root / there.readlink()).mkdir(parents=True)
            (root / link).symlink_to(there.readlink())
    files = {path for path in wanted if Path(path).is_file() or Path(path).is_symlink()}
    programs = {
        path
        for path in files
        if "/bin/" in path or "/sbin/" in path or path.startswith("/usr/lib/apt/") or ".so" in path
    }
    for path in sorted(
        files | _libraries(path for path in programs if not Path(path).is_symlink())
    ):
        _copy(Path(path), root)
    for name in (
        "dev",
        "tmp",
        "etc/apt/preferences.d",
        "etc/apt/trusted.gpg.d",
        "etc/apt/apt.conf.d",
        "etc/dpkg",
        "usr/sbin",
        "var/log",
    ):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in ("info", "updates", "triggers", "alternatives", "parts"):
        (root / "var/lib/dpkg" / name).mkdir(parents=True, exist_ok=True)
    (root / "var/lib/apt/lists").mkdir(parents=True, exist_ok=True)
    (root / "var/lib/dpkg/status").touch()
    subprocess.check_call(["mknod", "-m", "666", str(root / "dev/null"), "c", "1", "3"])


def _libraries(programs: Iterable[str]) -> set[str]:
    out: set[str] = set()
    # see above
    done = subprocess.run(["ldd", *sorted(programs)], capture_output=True, text=True, check=False)  # noqa: TID251
    for line in done.stdout.splitlines():
        words = line.split()
        out.update(
            word
            for word in words
            if word.startswith("/") and ".so" in word and not word.endswith(":")
        )
    return out


def _copy(path: Path, root: Path) -> None:
    """Copy a file, and what a link leads to."""
    place = root / str(path).lstrip("/")
    if place.exists() or place.is_symlink():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        place.symlink_to(path.readlink())
        target = path.resolve()
        if target.is_file():
            _copy(target, root)
    else:
        shutil.copy2(path, place)


class ChrootContainer(DockerContainer):
    """As much of a container as a patcher uses."""

    def __init__(self, root: Path) -> None:
        super().__init__("ab" * 32)
        self.root = root

    def exec(
        self, argv: tuple[str, ...], timeout: float, *, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        process = subprocess.Popen(
            ["/usr/sbin/chroot", str(self.root), *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                "SOURCE_DATE_EPOCH": "1700000000",
                **(env or {}),
            },
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            return CommandResult(None, output.decode(errors="replace"))
        return CommandResult(process.returncode, output.decode(errors="replace"))

    def changes(self, destination: Path) -> None:
        raise NotImplementedError(destination)

    def remove(self) -> None:
        """Nothing runs in it."""
