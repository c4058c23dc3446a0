"""The order in which pytest-xdist hands out the test files."""

from collections import OrderedDict

LONG = "tests/e2e/test_own_image.py"
"""Minutes for few tests: by number of tests it would begin last, with nothing left beside it."""


class LongFirst(OrderedDict[str, dict[str, bool]]):
    """Files with their tests, in the order of their arrival, but the long one first."""

    def popitem(self, last: bool = True) -> tuple[str, dict[str, bool]]:
        """Remove and return a file."""
        if LONG in self:
            self.move_to_end(LONG, last)
        return super().popitem(last)
