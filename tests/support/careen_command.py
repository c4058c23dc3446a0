"""The command `careen` as a user runs it, in a directory of its own, and what must be true after
it.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from careen.model.summary import STAGES
from tests.support.warm_careen import Running, User, at_start, begun, can_be_warm, warm

NO_DAEMON = {
    "DOCKER_HOST": "unix:///nonexistent/docker.sock",
    "CONTAINER_HOST": "unix:///nonexistent/podman.sock",
}
LIMIT = 120.0
_OF_PIP = frozenset({"PIP_CERT", "PIP_INDEX_URL", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"})
_MEASURED = """
import atexit, pathlib, sys
from careen.cli.main import main
atexit.register(lambda: sys.stderr.write(pathlib.Path("/proc/self/status").read_text()))
main()
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as JSON: nothing else may be in it."""
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """What careen said at its end: the lines on standard error that are not about progress."""
        return "\n".join(
            line
            for line in self.err.splitlines()
            if not line.startswith(
                tuple(f"careen: {stage}: " for stage in (*STAGES, "attest", "build", "rewrite"))
            )
        )


@dataclass(frozen=True, slots=True)
class Careen:
    """`careen` with `folder` as its working directory, work directory `folder/work`,
    `folder/advisories.db` as its database, and `env` besides the environment of the tests. `harden`
    and `profile` explore as much as `explore` says, unless the words say it: most tests are not
    about that, and it takes time. `starter` is the program that starts careen, with its words. As a
    `user` it has `env` alone.
    """

    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)
    explore: str = "off"
    starter: tuple[str, ...] = ()
    user: User | None = None

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def cache(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}-cache")

    def environment(self) -> dict[str, str]:
        """The environment of the command; what this machine says to pip is no part of a test."""
        ours = {name: value for name, value in os.environ.items() if name not in _OF_PIP}
        if self.user is not None:
            return {**at_start(ours), **self.env}
        places = {
            "CAREEN_WORKDIR": str(self.work),
            "CAREEN_DB": str(self.folder / "advisories.db"),
            "CAREEN_CACHE": str(self.cache),
            "CAREEN_HISTORY": str(self.folder / "history"),
        }
        return {**ours, "PIP_CONFIG_FILE": os.devnull, **places, **self.env}

    def _words(self, words: Sequence[str | Path]) -> list[str]:
        out = [str(word) for word in words]
        runs = out[:1] == ["harden"] or (
            out[:1] == ["profile"]
            and {"--merge", "--attach", "--cgroup", "--pods", "--beside", "--carry"}.isdisjoint(out)
        )
        return (
            [out[0], "--explore", self.explore, *out[1:]]
            if runs and "--explore" not in out
            else out
        )

    def __call__(self, *words: str | Path, status: int = 0) -> Ended:
        """Run it to its end and hold its exit status."""
        ended = self.answer(*words)
        assert ended.status == status, (
            f"exit status {ended.status}, not {status}\n{ended.err[-3000:]}\n{ended.out[-1000:]}"
        )
        return ended

    def answer(self, *words: str | Path) -> Ended:
        """Run it to its end, whatever its exit status."""
        done = self._run(self._words(words), self.environment())
        assert "Traceback" not in done.stderr, done.stderr[-3000:]
        return Ended(done.returncode, done.stdout, done.stderr)

    def _run(
        self, words: Sequence[str], environment: Mapping[str, str]
    ) -> "subprocess.CompletedProcess[str]":
        if not self.starter and can_be_warm(environment):
            return warm(words, self.folder, environment, LIMIT, self.user)
        assert self.starter or self.user is None
        argv = [*self.starter, sys.executable, "-m", "careen", *words]
        return subprocess.run(  # noqa: TID251
            argv,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )

    def measured(self, *words: str | Path) -> tuple[Any, int]:
        """Run what prints JSON; return the document and the process's own peak in KiB (`ru_maxrss`
        begins with the peak of whoever started it).
        """
        argv = [sys.executable, "-c", _MEASURED, *map(str, words)]
        done = subprocess.run(  # noqa: TID251
            argv,
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout), int(done.stderr.rsplit("VmHWM:", 1)[1].split()[0])

    def refused(self, *words: str | Path, status: int = 1) -> str:
        """Run what must fail: nothing on standard output, one line of complaint, no run directory
        left. Return the line.
        """
        line = self.refused_but_dirty(*words, status=status)
        assert self.runs() == []
        return line

    def refused_but_dirty(self, *words: str | Path, status: int = 1) -> str:
        """Run what must fail and cannot clean up by itself."""
        ended = self(*words, status=status)
        assert ended.out == "", ended.out
        lines = ended.complaint.splitlines()
        assert len(lines) == 1, lines
        assert lines[0].startswith("careen: "), lines
        return lines[0].removeprefix("careen: ")

    def runs(self) -> list[str]:
        """The run directories that are there."""
        return sorted(path.name for path in self.work.glob("run-*"))

    def next_run(self) -> None:
        """Run what does no more than each run does at its start: clean up after killed ones."""
        assert self.answer("diff", "oci:absent", "oci:absent").status == 1

    @contextmanager
    def begun(
        self, *words: str | Path, out: int | None = None, err: int | None = None
    ) -> Iterator[Running]:
        """Start it, and yield the process; its output is thrown away if no file is given."""
        environment = self.environment()
        assert can_be_warm(environment)
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
            to, errors = (nowhere.fileno() if fd is None else fd for fd in (out, err))
            with begun(self._words(words), self.folder, environment, to, errors) as running:
                yield running

    def interrupted(self, *words: str | Path, when: str, by: signal.Signals) -> Ended:
        """Start it, send the signal as soon as its progress says `when`, and wait for its end."""
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile() as err:
            with self.begun(*words, out=out.fileno(), err=err.fileno()) as running:
                deadline, ended, said = time.monotonic() + LIMIT, False, ""
                while when not in said:
                    assert not ended, f"it ended without saying {when!r}: {said}"
                    assert time.monotonic() < deadline, f"it did not say {when!r} in time: {said}"
                    time.sleep(0.002)
                    ended = running.has_ended()
                    said = _said(err.fileno())
                os.kill(running.pid, by)
                status = running.status(60)
            out.seek(0)
            return Ended(status, out.read(), _said(err.fileno()))


def _said(fd: int) -> str:
    return os.pread(fd, os.fstat(fd).st_size, 0).decode("utf-8", "replace")


def docker(*words: str, env: Mapping[str, str] | None = None) -> str:
    """Run docker and return what it printed."""
    done = subprocess.run(  # noqa: TID251
        ["docker", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **(env or {})},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def containers_of(mark: str) -> list[str]:
    """The containers, running or not, of images with this mark."""
    return docker("ps", "--all", "--quiet", "--filter", f"label=test.careen.mark={mark}").split()


def images_of(mark: str) -> list[str]:
    """The names of all images with this mark; `<none>:<none>` for one without a name."""
    return sorted(
        docker(
            "images",
            "--filter",
            f"label=test.careen.mark={mark}",
            "--format",
            "{{.Repository}}:{{.Tag}}",
        ).split()
    )


def mounts_below(path: Path) -> list[str]:
    """Mount points under a directory."""
    return [
        line.split()[1]
        for line in Path("/proc/self/mounts").read_text().splitlines()
        if line.split()[1].startswith(f"{path}/")
    ]


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for a condition, with a limit."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)
