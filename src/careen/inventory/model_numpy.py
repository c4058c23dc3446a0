"""numpy's npy: a header that is a Python literal, then the data. Only an array of objects can run code: its data are a pickle. Source: NEP 1."""

import re
from typing import BinaryIO

from careen.inventory.pickle_scan import PickleScan, scan_pickles

MAGIC = b"\x93NUMPY"
MAX_HEADER = 1 << 20
_OBJECT = re.compile(rb"['\"]descr['\"]\s*:\s*(?:['\"][<>|=]?O\d*['\"]|\[.{0,4000}?['\"][<>|=]?O\d*['\"])", re.DOTALL)


def objects_in(stream: BinaryIO, size: int, max_opcodes: int) -> PickleScan | None:
    """Return what loading an array of objects would import; None for an array of numbers, which needs no pickle. The stream stands at the start."""
    head = stream.read(12)
    if not head.startswith(MAGIC) or len(head) < 12:  # noqa: PLR2004 — the fixed part of versions 2 and 3
        return None
    width, start = (2, 10) if head[6] == 1 else (4, 12)
    length = int.from_bytes(head[8 : 8 + width], "little")
    stream.seek(start)
    header = stream.read(min(length, MAX_HEADER))
    if len(header) < length:
        return PickleScan(problem=f"a header of {length} bytes, of which the file has {len(header)} that are read")
    if _OBJECT.search(header) is None:
        return None
    return scan_pickles(stream, size - start - length, max_opcodes)
