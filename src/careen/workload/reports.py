"""Where a test command on the host leaves its reports: CAREEN_RESULTS for any that it writes, and
what makes pytest write one.

pytest is told by PYTEST_ADDOPTS to write JUnit XML into a named pipe, not a file: each pytest that
the command starts writes a whole document, and into a file the second would overwrite the first.
What cannot be told apart (two of them at the same time) is no report, rather than a wrong one.
"""

import contextlib
import os
import re
import select
import shlex
import stat
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

MAX_FILE = 32 * 1024 * 1024
MAX_ALL = 128 * 1024 * 1024
MAX_FILES = 500
_CHUNK = 65536
_MAX_CONFIG = 1 << 20
_CONFIGS = (
    "pytest.ini",
    ".pytest.ini",
    "pytest.toml",
    ".pytest.toml",
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
)
_OWN = re.compile(
    r"junit-?xml"
)  # `--junitxml`, `--junit-xml`, and `-p no:junitxml`, which would make of ours an error
_DOCUMENT = b"<?xml "


class Reports:
    """The reports of one test command, between `__enter__` (what it makes lies in `directory`,
    which must be there and empty) and `__exit__`.
    """

    def __init__(self, directory: Path, command: str, environment: Mapping[str, str]) -> None:
        """`environment` is what the command would be given without this."""
        self._results = directory / "results"
        self._pipe = directory / "pytest.xml"
        self._wants_pytest = not _says_itself(command, environment)
        self._addopts = environment.get("PYTEST_ADDOPTS", "")
        self._documents: list[bytes] = []
        self._held = 0
        self._fd: int | None = None
        self._wake: tuple[int, int] = (-1, -1)
        self._reader: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._results.mkdir()
        if self._wants_pytest:
            with contextlib.suppress(
                OSError
                # a file system without pipes: then there is no report of pytest, and its output has
                # to
                # do
            ):
                os.mkfifo(self._pipe, 0o600)
                self._fd = os.open(self._pipe, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd is not None:
            self._wake = os.pipe2(os.O_CLOEXEC)
            self._reader = threading.Thread(
                target=self._read, args=(self._fd,), name="careen-reports", daemon=True
            )
            self._reader.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._reader is not None and self._fd is not None:
            os.write(self._wake[1], b"x")
            self._reader.join()
            for fd in (self._fd, *self._wake):
                os.close(fd)
            self._fd = self._reader = None

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that the command gets on top of those it has."""
        given = {"CAREEN_RESULTS": str(self._results)}
        if self._fd is not None:
            given["PYTEST_ADDOPTS"] = (
                f"{self._addopts} --junitxml={shlex.quote(str(self._pipe))}".strip()
            )
        return given

    def without_traces(self, output: str) -> str:
        """Take pytest's line about the report that careen asked for out of its output: the user did
        not ask, and its path is another one each time.
        """
        return re.sub(
            rf"^-+ generated xml file: {re.escape(str(self._pipe))} -+\n?",
            "",
            output,
            flags=re.MULTILINE,
        )

    def documents(self) -> tuple[bytes, ...]:
        """Every report, once the command has ended: those of pytest in the order in which they
        came, then the `*.xml` of CAREEN_RESULTS by name. At most 500, of at most 32 MiB each and
        128 MiB in all.
        """
        whole = b"".join(self._documents)
        parts = [_DOCUMENT + part for part in whole.split(_DOCUMENT)[1:]]
        left = MAX_ALL - len(whole)
        for path in sorted(self._results.rglob("*.xml"))[:MAX_FILES]:
            data = _read_regular(path, min(MAX_FILE, left))
            left -= len(data)
            if data:
                parts.append(data)
        return tuple(parts[:MAX_FILES])

    def _read(self, fd: int) -> None:
        """Drain the pipe whatever comes, so that pytest never waits; a run of reports that is too
        large is dropped whole.
        """
        while True:
            ready, _, _ = select.select([fd, self._wake[0]], [], [])
            with contextlib.suppress(BlockingIOError):
                while data := os.read(fd, _CHUNK):
                    self._held += len(data)
                    if self._held <= MAX_FILE:
                        self._documents.append(data)
                    else:
                        self._documents.clear()
            if self._wake[0] in ready:
                return


def _says_itself(command: str, environment: Mapping[str, str]) -> bool:
    """Whether the user has settled where pytest reports: in the command, in PYTEST_ADDOPTS, or in a
    configuration file of the current directory.
    """
    if _OWN.search(command) or _OWN.search(environment.get("PYTEST_ADDOPTS", "")):
        return True
    return any(
        _OWN.search(_read_regular(Path(name), _MAX_CONFIG).decode("utf-8", "replace"))
        for name in _CONFIGS
    )


def _read_regular(path: Path, limit: int) -> bytes:
    """The bytes of a regular file; none for one that is larger than `limit`, is something else, or
    cannot be read.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        return b""
    with os.fdopen(fd, "rb") as stream:
        try:
            data = stream.read(limit + 1)
        except OSError:
            return b""
    return data if len(data) <= limit else b""
