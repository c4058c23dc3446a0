"""numpy's npy: a header that is a Python literal, then the data. Source: NEP 1.

Only an array of objects can run code, because its data are a pickle.
"""

import re
from bisect import bisect_left
from typing import BinaryIO

from careen.inventory.models.pickle_scan import PickleScan, scan_pickles

MAGIC = b"\x93NUMPY"
MAX_HEADER = 1 << 20
_DESCRIPTION = re.compile(rb"['\"]descr['\"]\s*+:\s*+")
_OBJECT = re.compile(rb"['\"][<>|=]?O\d*['\"]")
_MAX_FIELDS = 4000


def objects_in(stream: BinaryIO, size: int, max_opcodes: int) -> PickleScan | None:
    """Return the scan of an array of objects, or None for numbers, which need no pickle.

    The stream must be at the start.
    """
    head = stream.read(12)
    # The fixed part of versions 2 and 3 has 12 bytes.
    if not head.startswith(MAGIC) or len(head) < 12:  # noqa: PLR2004
        return None
    width, start = (2, 10) if head[6] == 1 else (4, 12)
    length = int.from_bytes(head[8 : 8 + width], "little")
    stream.seek(start)
    header = stream.read(min(length, MAX_HEADER))
    if len(header) < length:
        return PickleScan(
            problem=f"a header of {length} bytes, of which the file has {len(header)} that are read"
        )
    if not _holds_objects(header):
        return None
    return scan_pickles(stream, size - start - length, max_opcodes)


def _holds_objects(header: bytes) -> bool:
    """Return whether a header describes objects, by its type or by a field of its list of types."""
    objects = [found.start() for found in _OBJECT.finditer(header)]
    for found in _DESCRIPTION.finditer(header):
        end = found.end()
        first = end + 1 if header.startswith(b"[", end) else end
        last = end + 1 + _MAX_FIELDS if first > end else end
        at = bisect_left(objects, first)
        if at < len(objects) and objects[at] <= last:
            return True
    return False
