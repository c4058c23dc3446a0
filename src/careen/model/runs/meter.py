"""How many bytes a run has read or packed, for its progress."""

import threading


class Meter:
    """Bytes that were read or packed, and those that are to be read. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.moved = 0
        self.expected = 0

    def move(self, size: int) -> None:
        """Count bytes that were read or packed."""
        with self._lock:
            self.moved += size

    def expect(self, size: int) -> None:
        """Count bytes that are to be read or packed."""
        with self._lock:
            self.expected += size
