"""The output of a container of the embedded engine: read at once, with a bounded tail."""

import os
import threading

from careen.tools.process import TAIL, collect

CUT = f"[careen kept the last {TAIL // 1024**2} MiB of this output]\n"
_SETTLE = 5.0


class Output:
    """The last 16 MiB of output over all starts of one container.

    It is in memory, since a file would grow as fast as the program writes.
    """

    def __init__(self) -> None:
        self._before = b""
        self._chunks: list[bytes] = []
        self._reader: threading.Thread | None = None

    def begin(self) -> int:
        """Start to read another run; return the descriptor to write to, which the caller closes."""
        self.settle()
        self._before, self._chunks = self._bytes(), []
        reading, writing = os.pipe()
        self._reader = threading.Thread(
            target=_read, args=(reading, self._chunks), name="container-output", daemon=True
        )
        self._reader.start()
        return writing

    def drop(self) -> None:
        """Drop the output of the last run."""
        self.settle()
        self._chunks = []

    def settle(self) -> None:
        """Wait until the output of a run that ended has been read, at most 5 seconds."""
        if self._reader is not None:
            self._reader.join(_SETTLE)

    def text(self) -> str:
        """Return the kept output, after a notice if some was cut off."""
        kept = self._bytes()
        return (CUT if len(kept) > TAIL else "") + kept[-TAIL:].decode("utf-8", "replace")

    def _bytes(self) -> bytes:
        """Return the kept output, with one more byte if something was cut off."""
        return b"".join((self._before, *self._chunks))[-TAIL - 1 :]


def _read(descriptor: int, into: list[bytes]) -> None:
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        collect(stream, into)
