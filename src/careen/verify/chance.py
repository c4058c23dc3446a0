"""Significance test for statuses that only one side gives."""

import math

UNLIKELY = 0.01
"""Probability above which a difference counts as chance.

A service has some hundred answers.
"""


def is_chance(seen: int, tries: int, others: int) -> bool:
    """Return whether chance explains `seen` of `tries` on one side and none of `others`.

    Uses Fisher's exact test: the probability that all `seen` ones fall on the first side.
    """
    return math.comb(tries, seen) > UNLIKELY * math.comb(tries + others, seen)
