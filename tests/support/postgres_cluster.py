"""A PostgreSQL cluster of the test's own, on a Unix socket alone; it is gone after the test."""

import os
import pwd
import shutil
import subprocess
import tempfile
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
def server() -> Iterator[Server]:
    """Make and start a cluster, and remove it at the end."""
    # Not below pytest's folders: only root may enter those, and the path of a Unix socket may have
    # no more than 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="careen-pg-", dir="/tmp"))
    user = pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        user = _ORDINARY
        shutil.chown(folder, user)
    try:
        made = Server(folder / "data", folder, user)
        _run("initdb", "-D", str(made.data), "-A", "trust", "-U", user, "--no-sync", "-E", "UTF8")
        made.start()
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[str]:
    """Start a cluster, and yield the URL of an empty database."""
    with server() as made:
        yield made.url


def _run(name: str, *words: str) -> None:
    path = program(name)
    assert path is not None
    user = pwd.getpwnam(_ORDINARY) if os.geteuid() == 0 else None
    # A file, not a pipe: the server would hold that open.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(  # noqa: TID251
            [str(path), *words],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            timeout=120,
            check=False,
            user=None if user is None else user.pw_uid,
            group=None if user is None else user.pw_gid,
            extra_groups=None if user is None else [],
        )
        said.seek(0)
        assert done.returncode == 0, f"{name} {' '.join(words)}: {said.read().decode()}"
