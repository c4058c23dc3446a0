"""A PostgreSQL cluster of the test's own, on a Unix socket alone; it is gone after the test."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_ORDINARY = "nobody"  # the server refuses to run as root


def program(name: str) -> Path | None:
    """Return a program of the newest PostgreSQL: Debian keeps them off PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3])
    )
    there = shutil.which(name)
    return found[-1] if found else Path(there) if there else None


def missing() -> str | None:
    """Return why no cluster can be started here, or None."""
    if program("initdb") is None or program("pg_ctl") is None:
        return "PostgreSQL's initdb and pg_ctl are not here"
    return None


@dataclass(frozen=True, slots=True)
class Server:
    """A server that a test may stop and start; `data` and `sockets` are its folders."""

    data: Path
    sockets: Path
    user: str

    @property
    def url(self) -> str:
        return f"postgresql://{self.user}@/postgres?host={quote(str(self.sockets), safe='')}"

    def start(self) -> None:
        options = f"-c listen_addresses= -c fsync=off -k {self.sockets}"
        log = str(self.data / "log")
        _run("pg_ctl", "-D", str(self.data), "-w", "-o", options, "-l", log, "start")

    def stop(self) -> None:
        _run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop")

    def empty(self) -> None:
        """Drop all tables."""
        sql = "drop schema public cascade; create schema public"
        _run("psql", self.url, "-qc", sql)


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """Make and start a cluster below a folder."""
    # The path of a Unix socket may have 107 bytes, and pytest's folders are longer than that.
    data, sockets = folder / "data", Path(f"/tmp/careen-pg-{os.getpid()}-{id(folder):x}")
    sockets.mkdir(mode=0o700)
    user = _prepare(folder, sockets)
    try:
        _run("initdb", "-D", str(data), "-A", "trust", "-U", user, "--no-sync", "-E", "UTF8")
        made = Server(data, sockets, user)
        made.start()
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(sockets, ignore_errors=True)


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Start a cluster below a folder, and yield the URL of an empty database."""
    with server(folder) as made:
        yield made.url


def _prepare(folder: Path, sockets: Path) -> str:
    """Give the folders to who runs the server; return the name of that user."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    user = pwd.getpwnam(_ORDINARY)
    for path in (folder, sockets):
        os.chown(path, user.pw_uid, user.pw_gid)
    for parent in folder.parents:
        if parent.stat().st_uid == 0 and parent not in (Path("/"), Path("/tmp")):
            parent.chmod(parent.stat().st_mode | 0o011)
    return _ORDINARY


def _run(name: str, *words: str) -> None:
    path = program(name)
    assert path is not None
    user = pwd.getpwnam(_ORDINARY) if os.geteuid() == 0 else None
    # Without output of its own: the server would hold the pipe open.
    done = subprocess.run(  # noqa: TID251
        [str(path), *words],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=120,
        check=False,
        user=None if user is None else user.pw_uid,
        group=None if user is None else user.pw_gid,
        extra_groups=None if user is None else [],
    )
    assert done.returncode == 0, f"{name} {' '.join(words)}: status {done.returncode}"
