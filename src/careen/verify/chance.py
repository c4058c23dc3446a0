"""Whether what never happens on one side, and sometimes on the other, is more than chance."""

import math

UNLIKELY = 0.01
"""How seldom chance may bring about a difference that is reported: a service has some hundred
answers.
"""


def is_chance(seen: int, tries: int, others: int) -> bool:
    """Say whether chance explains that what `seen` of `tries` had on one side, none of `others` had
    on the other side.

    This is Fisher's exact test: were all tries alike, the chance that the `seen` ones all fall
    on the first side.
    """
    return math.comb(tries, seen) > UNLIKELY * math.comb(tries + others, seen)
