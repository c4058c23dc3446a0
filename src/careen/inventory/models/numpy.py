"""numpy's npy: a header that is a Python literal, then the data. Only an array of objects can run
code: its data are a pickle. Source: NEP 1.
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
    """Return what loading an array of objects would import; None for an array of numbers, which
    needs no pickle. The stream stands at the start.
    """
    head = stream.read(12)
    # the fixed part of versions 2 and 3
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
    """Say whether a header describes objects: by its one type, or by that of a field of a list."""
    objects = [found.start() for found in _OBJECT.finditer(header)]
    for found in _DESCRIPTION.finditer(header):
        end = found.end()
        first = end + 1 if header.startswith(b"[", end) else end
        last = end + 1 + _MAX_FIELDS if first > end else end
        at = bisect_left(objects, first)
        if at < len(objects) and objects[at] <= last:
            return True
    return False
