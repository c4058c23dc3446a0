"""Limits on the cost of one image's merged tree, with caps from the run's budget.

Each cap stops an image of a few kilobytes that would otherwise use all memory.
"""

from typing import NoReturn

from careen.errors import ImageError
from careen.model.runs.run_budget import RunBudget
from careen.oci.limits import MAX_SPARSE_SIZE
from careen.oci.tar.read import Member

_SPARSE_PART = 160  # bytes of memory per part of a sparse map


def _refuse(where: str, what: str) -> NoReturn:
    msg = f"{where}: more than {what}, all layers together"
    raise ImageError(msg)


class Budget:
    """Remaining budget of one image; every method takes from it or raises ImageError."""

    def __init__(self, run: RunBudget) -> None:
        self._run = run
        self._most, self._most_text = run.max_entries, run.max_text
        self.members = self._most
        self._implied = self._text = self._sparse = 0

    def member(self, member: Member, where: str) -> None:
        """Count the memory of a stored entry, and its sparse size."""
        self._run.check(where)
        self.text(len(member.name) + len(member.link), where)
        if member.xattrs:
            self.text(sum(len(key) + len(value) for key, value in member.xattrs.items()), where)
        if member.sparse is not None:
            self.text(_SPARSE_PART * len(member.sparse), where)
            self._sparse += member.size
            if self._sparse > MAX_SPARSE_SIZE:
                _refuse(where, f"{MAX_SPARSE_SIZE} bytes of sparse files")

    def text(self, size: int, where: str) -> None:
        """Count names and attributes that stay in memory."""
        self._text += size
        if self._text > self._most_text:
            _refuse(where, f"{self._most_text} bytes of names and attributes")

    def implied(self, where: str) -> None:
        """Count a directory that no layer states."""
        # One name of 4 kB implies two thousand of them.
        self._implied += 1
        if self._implied > self._most:
            _refuse(where, f"{self._most} directories that no layer states")
