"""Bounded reader of a model file's header."""

import struct
from dataclasses import dataclass
from typing import BinaryIO

# Steps over all model files of an image, at about 2 µs each: ten thousand bombs cost no more than a
# few.
MAX_EFFORT = 10_000_000


class HeaderError(Exception):
    """The header is invalid; the message says why."""


@dataclass(slots=True)
class Effort:
    """Remaining steps over the model files of one image."""

    left: int = MAX_EFFORT

    def take(self, steps: int) -> None:
        """Count steps; raise HeaderError when none are left."""
        self.left -= steps
        if self.left < 0:
            msg = (
                "passed over, or not read to its end: the model files of the image ask for more"
                " work than is done for all of them"
            )
            raise HeaderError(msg)


class HeaderReader:
    """Reads little-endian numbers and counted texts from a stream of `size` bytes.

    Raises HeaderError beyond the file, after `limit` bytes, or without steps left.
    """

    def __init__(self, stream: BinaryIO, size: int, limit: int, effort: Effort) -> None:
        self._effort = effort
        self._stream = stream
        self._size = size
        self._left = limit
        self._limit = limit

    @property
    def at(self) -> int:
        return self._stream.tell()

    def take(self, number: int) -> bytes:
        """Return exactly `number` bytes."""
        self._count(number)
        data = self._stream.read(number)
        if len(data) < number:
            msg = f"cut short at byte {self._stream.tell()}"
            raise HeaderError(msg)
        return data

    def skip(self, number: int) -> None:
        """Skip `number` bytes, which count as one step."""
        self._effort.take(1)
        if number > self._size - self._stream.tell():
            msg = f"{number} bytes at byte {self._stream.tell()}, which the file does not have"
            raise HeaderError(msg)
        self._stream.seek(number, 1)

    def number(self, form: str) -> int:
        """Return one integer of struct's format `form` (`I`, `Q`, `i` …)."""
        layout = struct.Struct(f"<{form}")
        return int(layout.unpack(self.take(layout.size))[0])

    def varint(self) -> int:
        """Return a protobuf varint."""
        value = 0
        for shift in range(0, 70, 7):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 — the mark of the last byte
                return value
        msg = f"a number without end at byte {self._stream.tell()}"
        raise HeaderError(msg)

    def _count(self, number: int) -> None:
        self._effort.take(1 + number // 16)
        if number > self._size - self._stream.tell():
            msg = f"{number} bytes at byte {self._stream.tell()}, which the file does not have"
            raise HeaderError(msg)
        self._left -= number
        if self._left < 0:
            msg = f"its header has more than the {self._limit} bytes that are read"
            raise HeaderError(msg)
