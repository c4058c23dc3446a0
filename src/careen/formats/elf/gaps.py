"""Gaps between the loaded ranges of an ELF file, which can be closed by whole pages.

`patchelf` adds a segment after the symbol and section tables of a finished file. The loader finds a
segment by its program header; offset and address must agree modulo the page size.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

PAGE = 4096  # the smallest page of all processors
MAX_ALIGNMENT = 1 << 21
MAX_GAPS = 16  # each use of patchelf may leave one


class Gap(NamedTuple):
    """A range that is not loaded, and how far the bytes after it move up."""

    start: int
    end: int
    shift: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps to close, in file order."""

    closed: tuple[Gap, ...] = ()

    @property
    def shift(self) -> int:
        """Total number of bytes by which the end of the file moves up."""
        return sum(gap.shift for gap in self.closed)

    def moved(self, offset: int) -> int:
        """Return the new offset of the byte at `offset`."""
        return offset - sum(gap.shift for gap in self.closed if gap.end <= offset)

    def frees(self, offset: int, size: int, end: int) -> bool:
        """Return whether a range lies in a gap, or after the `end` of everything loaded."""
        return offset >= end or any(
            gap.start <= offset and offset + size <= gap.end for gap in self.closed
        )


def gaps_of(
    loaded: Sequence[tuple[int, int]], unused: Sequence[int], alignments: Sequence[tuple[int, int]]
) -> Gaps:
    """Return the gaps between `loaded` ranges (start, end) that can be closed by at least a page.

    Only gaps that contain an offset of `unused` count. `alignments` has the offset and the
    alignment of each segment.
    """
    starts = sorted(unused)
    out: list[Gap] = []
    at = 0
    for start, end in sorted(loaded):
        found = bisect_left(starts, at)
        if found < len(starts) and starts[found] < start:
            align = _alignment([align for offset, align in alignments if offset >= start])
            if align and (start - at) // align:
                out.append(Gap(at, start, (start - at) // align * align))
        at = max(at, end)
    return Gaps(tuple(out[:MAX_GAPS]))


def _alignment(segments: Sequence[int]) -> int:
    """Return the multiple by which segments may move, or 0 if they cannot."""
    align = max((PAGE, *segments))
    return (
        align if align <= MAX_ALIGNMENT and not any(each & (each - 1) for each in segments) else 0
    )
