"""What a container of the embedded engine prints: read as it comes, and the last of it kept."""

import os
import threading

from careen.tools.process import TAIL, collect

CUT = f"[careen kept the last {TAIL // 1024**2} MiB of this output]\n"
_SETTLE = 5.0


class Output:
    """The last 16 MiB of what was printed, over all starts of one container.

    It stays in memory and needs no more: a file would take what a program writes as fast as it can.
    """

    def __init__(self) -> None:
        self._before = b""
        self._chunks: list[bytes] = []
        self._reader: threading.Thread | None = None

    def begin(self) -> int:
        """Start to read another run; return the descriptor to print to, which the caller closes."""
        self.settle()
        self._before, self._chunks = self._bytes(), []
        reading, writing = os.pipe()
        self._reader = threading.Thread(
            target=_read, args=(reading, self._chunks), name="container-output", daemon=True
        )
        self._reader.start()
        return writing

    def drop(self) -> None:
        """Forget what the last run printed."""
        self.settle()
        self._chunks = []

    def settle(self) -> None:
        """Wait until all is read that a run printed which has ended."""
        if self._reader is not None:
            self._reader.join(_SETTLE)

    def text(self) -> str:
        """Return what is kept, with a line before it if that is not all."""
        kept = self._bytes()
        return (CUT if len(kept) > TAIL else "") + kept[-TAIL:].decode("utf-8", "replace")

    def _bytes(self) -> bytes:
        """Return what is kept: one byte more than is shown tells that something was cut."""
        return b"".join((self._before, *self._chunks))[-TAIL - 1 :]


def _read(descriptor: int, into: list[bytes]) -> None:
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        collect(stream, into)
