"""Standard streams: those that the caller has closed (`careen … 2>&-`), and what fails there."""

import io
import os
import sys
from typing import Any

STANDARD_OUTPUT = "standard output"


def open_standard_streams() -> None:
    """Open /dev/null in place of each standard stream that is closed.

    Python has None for such a stream. The next file that is opened would get its number, and what
    other programs print there would go into that file.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            os.set_inheritable(number, True)  # noqa: FBT003 — the standard library's signature
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, "r", encoding="utf-8", closefd=False)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    elif sys.stdout is sys.__stdout__:
        sys.stdout = _named_output(sys.stdout)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)


def _named_output(stream: Any) -> io.TextIOWrapper:
    """Return a stream to the same place whose errors say that it is standard output."""
    return io.TextIOWrapper(
        io.BufferedWriter(_Output(stream.fileno(), "wb", closefd=False)),
        stream.encoding,
        stream.errors,
        line_buffering=stream.line_buffering,
    )


class _Output(io.FileIO):
    """A file whose errors name it, as those of files that were opened by a name do."""

    def write(self, data: Any, /) -> Any:
        try:
            return super().write(data)
        except OSError as error:
            error.filename = STANDARD_OUTPUT
            raise
