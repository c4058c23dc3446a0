"""Gaps between what an ELF file loads: what lies behind one may move up by whole pages.

`patchelf` adds a segment behind the symbol table and the section table of a finished file. The
loader finds a segment by its program header, and asks that offset and address agree modulo the
page.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

PAGE = 4096  # the smallest of all processors
MAX_ALIGNMENT = 1 << 21
MAX_GAPS = 16  # each use of patchelf may leave one


class Gap(NamedTuple):
    """A range of a file of which nothing is loaded, and how far what lies behind it moves up."""

    start: int
    end: int
    shift: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps that are closed, in their order in the file."""

    closed: tuple[Gap, ...] = ()

    @property
    def shift(self) -> int:
        """How far what lies behind the last of them moves."""
        return sum(gap.shift for gap in self.closed)

    def moved(self, offset: int) -> int:
        """Return where what stood at an offset stands without the gaps."""
        return offset - sum(gap.shift for gap in self.closed if gap.end <= offset)

    def frees(self, offset: int, size: int, end: int) -> bool:
        """Say whether a range lies in one of them, or behind the `end` of all that is loaded."""
        return offset >= end or any(
            gap.start <= offset and offset + size <= gap.end for gap in self.closed
        )


def gaps_of(
    loaded: Sequence[tuple[int, int]], unused: Sequence[int], alignments: Sequence[tuple[int, int]]
) -> Gaps:
    """Return the gaps between the ranges (start, end) that are loaded which hold something `unused`
    (offsets) and can be closed by a page at least.

    `alignments` has the offset and the alignment of each segment.
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
    """Return the multiple by which segments may move; 0 if there is none."""
    align = max((PAGE, *segments))
    return (
        align if align <= MAX_ALIGNMENT and not any(each & (each - 1) for each in segments) else 0
    )
