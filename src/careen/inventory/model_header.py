"""Bounded reading of a model file's header: numbers and texts one after the other, never more than the file has."""

import struct
from typing import BinaryIO


class HeaderError(Exception):
    """The header is not what its format says: why."""


class HeaderReader:
    """Reads little-endian numbers and counted texts from a stream of `size` bytes, at most `limit` of them. Raises HeaderError."""

    def __init__(self, stream: BinaryIO, size: int, limit: int) -> None:
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
        """Pass `number` bytes over; they cost nothing."""
        if number > self._size - self._stream.tell():
            msg = f"{number} bytes at byte {self._stream.tell()}, which the file does not have"
            raise HeaderError(msg)
        self._stream.seek(number, 1)

    def number(self, form: str) -> int:
        """Return one whole number of struct's `form` (`I`, `Q`, `i` …)."""
        layout = struct.Struct(f"<{form}")
        return int(layout.unpack(self.take(layout.size))[0])

    def varint(self) -> int:
        """Return a number as protobuf writes it."""
        value = 0
        for shift in range(0, 70, 7):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 — the mark of the last byte
                return value
        msg = f"a number without end at byte {self._stream.tell()}"
        raise HeaderError(msg)

    def _count(self, number: int) -> None:
        if number > self._size - self._stream.tell():
            msg = f"{number} bytes at byte {self._stream.tell()}, which the file does not have"
            raise HeaderError(msg)
        self._left -= number
        if self._left < 0:
            msg = f"its header has more than the {self._limit} bytes that are read"
            raise HeaderError(msg)
