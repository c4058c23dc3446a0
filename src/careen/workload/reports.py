"""Reports of a test command on the host: those in CAREEN_RESULTS, and pytest's.

PYTEST_ADDOPTS makes pytest write JUnit XML to a named pipe. Each pytest that the command starts
writes a whole document; in a file the second would overwrite the first. Two that write at the same
time give no report.
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
# `--junitxml`, `--junit-xml`, and `-p no:junitxml`, which would make careen's option an error
_OWN = re.compile(r"junit-?xml")
_DOCUMENT = b"<?xml "


class Reports:
    """The reports of one test command, a context manager around the command.

    Its files are in `directory`, which must exist and be empty.
    """

    def __init__(self, directory: Path, command: str, environment: Mapping[str, str]) -> None:
        """`environment` is the command's environment without the reports."""
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
            # A file system without pipes: no report, so the output is parsed instead.
            with contextlib.suppress(OSError):
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
        """The additional variables of the command."""
        given = {"CAREEN_RESULTS": str(self._results)}
        if self._fd is not None:
            given["PYTEST_ADDOPTS"] = (
                f"{self._addopts} --junitxml={shlex.quote(str(self._pipe))}".strip()
            )
        return given

    def without_report_line(self, output: str) -> str:
        """Return the output without pytest's line about careen's report."""
        # The user did not ask for the report, and its path differs each time.
        return re.sub(
            rf"^-+ generated xml file: {re.escape(str(self._pipe))} -+\n?",
            "",
            output,
            flags=re.MULTILINE,
        )

    def documents(self) -> tuple[bytes, ...]:
        """Return all reports, once the command has ended.

        Those of pytest come in order of writing, then the `*.xml` of CAREEN_RESULTS by name. At
        most 500, of at most 32 MiB each and 128 MiB in total.
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
        """Drain the pipe, so that pytest never blocks; drop all reports if they are too large."""
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
    """Return whether the user has configured pytest's report.

    That may be in the command, in PYTEST_ADDOPTS, or in a configuration file of the current
    directory.
    """
    if _OWN.search(command) or _OWN.search(environment.get("PYTEST_ADDOPTS", "")):
        return True
    return any(
        _OWN.search(_read_regular(Path(name), _MAX_CONFIG).decode("utf-8", "replace"))
        for name in _CONFIGS
    )


def _read_regular(path: Path, limit: int) -> bytes:
    """Return the bytes of a regular file, or b"" if it is too large or cannot be read."""
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
