"""A PostgreSQL of the tests' own, on a Unix socket in a folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER = "postgres"


@dataclass(frozen=True, slots=True)
class Cluster:
    """`folder` holds the data, the socket and the log. The server runs as an ordinary user."""

    folder: Path
    programs: Path

    @property
    def url(self) -> str:
        return f"postgresql://{USER}@/postgres?host={self.folder}"

    def do(self, program: str, *words: str) -> None:
        """Run one of PostgreSQL's programs, as a user that it accepts."""
        argv = [str(self.programs / program), *words]
        uid = pwd.getpwnam(USER).pw_uid if os.geteuid() == 0 else None
        with (self.folder / "log").open("ab") as log:
            subprocess.run(  # noqa: TID251
                argv, user=uid, stdout=log, stderr=log, check=True, cwd=self.folder
            )

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off"
        self.do("pg_ctl", "-D", str(self.folder / "data"), "-o", options, "-w", "start")

    def stop(self) -> None:
        self.do("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Make and start a server, and remove it at the end."""
    # Not below pytest's folders: the path of a socket is short, and only root enters them.
    folder = Path(tempfile.mkdtemp(prefix="careen-pg-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, USER)
        made = Cluster(folder, max(Path("/usr/lib/postgresql").glob("*/bin")))
        made.do("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", USER, "-N")
        made.start()
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(folder)
