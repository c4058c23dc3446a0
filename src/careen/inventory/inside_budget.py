"""What looking inside programs may cost over a whole image: ten thousand small files can each ask
for what one large one may have.
"""

from dataclasses import dataclass

MAX_SEARCHED = 1 << 30  # bytes of constants and names; an image with CUDA libraries has some 300 MB
MAX_UNPACKED = 256 << 20  # bytes of lists of crates; a program of 1,000 crates has 100 kB


@dataclass(slots=True)
class InsideBudget:
    """Bytes that may still be searched, and unpacked."""

    searched: int = MAX_SEARCHED
    unpacked: int = MAX_UNPACKED

    def search(self, wanted: int) -> int:
        """Take up to `wanted` bytes of searching; return how many were left to take."""
        taken = max(0, min(wanted, self.searched))
        self.searched -= taken
        return taken
