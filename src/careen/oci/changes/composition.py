"""Names of layers by what they are composed of: ranges of an image's layers, and new bytes.

Two layers with one name have the same bytes, so a layer that was made before is known without being
read.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Hashable, Sequence

from careen.oci.extents import BytesPart, Extents, FilePart, NamedPart, Part, ZeroPart
from careen.oci.image import Layer

_FORMAT = b"careen composition 1\n"
_Source = tuple[int, int, bytes, int]
"""Where a range begins in its file, its size, the layer's diff ID, and its place in the layer."""


class Compositions:
    """Names of layers that are made of an image's `layers`, whose diff IDs were verified."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        found: dict[Hashable, list[_Source]] = {}
        for layer in layers:
            diff_id, at = bytes.fromhex(layer.diff_id.hex), 0
            for part in layer.extents.parts():
                if (file := _file(part)) is not None:
                    found.setdefault(file[0], []).append((file[1], part.size, diff_id, at))
                at += part.size
        self._sources = {file: sorted(ranges) for file, ranges in found.items()}

    def name(self, extents: Extents) -> str | None:
        """Return the name (hex), or None if a part is not of these layers."""
        hasher = hashlib.sha256(_FORMAT)
        for part in extents.parts():
            told = self._told(part)
            if told is None:
                return None
            hasher.update(told)
        return hasher.hexdigest()

    def _told(self, part: Part) -> bytes | None:
        if isinstance(part, BytesPart):
            return b"bytes %d\n%b" % (part.size, part.data)
        if isinstance(part, ZeroPart):
            return b"zeros %d\n" % part.size
        file = _file(part)
        ranges = self._sources.get(file[0]) if file is not None else None
        if file is None or ranges is None:
            return None
        start = file[1]
        index = bisect_right(ranges, start, key=lambda each: each[0]) - 1
        if index < 0:
            return None
        begin, size, diff_id, at = ranges[index]
        if start + part.size > begin + size:
            return None
        return b"layer %b %d %d\n" % (diff_id, at + start - begin, part.size)


def _file(part: Part) -> tuple[Hashable, int] | None:
    """Return the file of a part and where the part begins in it; None for bytes in memory."""
    if isinstance(part, FilePart):
        return part.fd, part.offset
    if isinstance(part, NamedPart):
        return (id(part.folder), part.name), part.offset
    return None
