"""Standard streams that the caller has closed (`careen … 2>&-`)."""

import os
import sys


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
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
