"""Limits of the search for cryptography over a whole image."""

from dataclasses import dataclass

# Ten thousand small files could each ask for the share of a large one. An image with CUDA libraries
# has about 300 MB of constants.
MAX_SEARCHED = 2 << 30
MAX_HASHED = 8 << 30  # bytes of files with cryptography; libtorch has 400 MB


@dataclass(slots=True)
class SearchBudget:
    """Bytes that may still be searched, and hashed."""

    searched: int = MAX_SEARCHED
    hashed: int = MAX_HASHED

    def take(self, wanted: int) -> int:
        """Take up to `wanted` bytes of the search; return how many were taken."""
        taken = max(0, min(wanted, self.searched))
        self.searched -= taken
        return taken

    def may_hash(self, size: int) -> bool:
        """Return whether a file of this size may be hashed, and count it."""
        if size > self.hashed:
            return False
        self.hashed -= size
        return True
