"""Upper confidence limit of a probability."""

import math

CONFIDENCE = 0.95
_HALVINGS = 60


def upper_limit(hits: int, trials: int) -> float:
    """Return the upper limit of a probability (one-sided, 95 %, Clopper and Pearson).

    Biometrika 26, 1934. Without a hit it is 1 - 0.05 ** (1 / trials), close to 3 / trials (the
    "rule of three"); if all trials hit, it is 1. Expects 0 <= hits <= trials and at least one
    trial.
    """
    if hits == trials:
        return 1.0
    if hits == 0:
        return -math.expm1(math.log(1 - CONFIDENCE) / trials)
    ways = [
        math.lgamma(trials + 1) - math.lgamma(i + 1) - math.lgamma(trials - i + 1)
        for i in range(hits + 1)
    ]
    low, high = hits / trials, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_most(ways, trials, middle) > 1 - CONFIDENCE:
            low = middle
        else:
            high = middle
    return high


def _at_most(ways: list[float], trials: int, chance: float) -> float:
    """Return the probability of fewer than `len(ways)` hits.

    `ways` are the logarithms of the binomial coefficients.
    """
    if chance >= 1:
        return 0.0
    yes, no = math.log(chance), math.log1p(-chance)
    return math.fsum(math.exp(way + i * yes + (trials - i) * no) for i, way in enumerate(ways))
