"""Limits on searching inside programs over a whole image.

Ten thousand small files could each ask for the share of a large one.
"""

from dataclasses import dataclass

# Bytes of constants and names; an image with CUDA libraries has about 300 MB.
MAX_SEARCHED = 1 << 30
MAX_UNPACKED = 256 << 20  # bytes of crate lists; a program of 1,000 crates has 100 kB


@dataclass(slots=True)
class SearchBudget:
    """Bytes that may still be searched and decompressed."""

    searched: int = MAX_SEARCHED
    unpacked: int = MAX_UNPACKED

    @property
    def has_both(self) -> bool:
        """Whether something is left for searching and for decompressing."""
        return self.searched > 0 and self.unpacked > 0

    def search(self, wanted: int) -> int:
        """Take up to `wanted` bytes of the search budget and return how many were taken."""
        taken = max(0, min(wanted, self.searched))
        self.searched -= taken
        return taken
