"""The upper limit for the chance of a hit, against a library of statistics and against its own
definition.
"""

import math
import re
from fractions import Fraction
from pathlib import Path

import pytest

from careen.adequacy.bound import upper_limit
from careen.adequacy.saturation import MIN_STEPS

PAGE = Path(__file__).parents[3] / "docs" / "adequacy.md"

# beta.ppf(0.95, hits + 1, trials - hits) of SciPy 1.16, an implementation of its own kind.
KNOWN = {
    (0, 5): 0.450719728,
    (0, 10): 0.258865551,
    (0, 59): 0.049507610,
    (1, 10): 0.394163302,
    (2, 10): 0.506901301,
    (3, 20): 0.343663804,
    (5, 10): 0.777558899,
    (9, 10): 0.994883803,
    (1, 100): 0.046559811,
    (40, 90): 0.536554081,
    (700, 5000): 0.148327129,
}


@pytest.mark.parametrize(("trial", "limit"), KNOWN.items())
def test_known_limits(trial: tuple[int, int], limit: float) -> None:
    assert upper_limit(*trial) == pytest.approx(limit, abs=1e-9)


def test_without_a_hit_it_is_close_to_the_rule_of_three() -> None:
    assert [round(upper_limit(0, trials) * trials, 2) for trials in (30, 100, 1000)] == [
        2.85,
        2.95,
        2.99,
    ]


def test_when_all_hit_nothing_can_be_excluded() -> None:
    assert upper_limit(1, 1) == upper_limit(7, 7) == 1.0


@pytest.mark.parametrize(("hits", "trials"), [(1, 6), (3, 12), (40, 90)])
def test_at_the_limit_so_few_hits_have_a_chance_of_a_twentieth(hits: int, trials: int) -> None:
    limit = Fraction(upper_limit(hits, trials))
    chance = sum(
        math.comb(trials, i) * limit**i * (1 - limit) ** (trials - i) for i in range(hits + 1)
    )
    assert float(chance) == pytest.approx(0.05, rel=1e-9)


def test_the_table_of_the_page_is_what_comes_out() -> None:
    rows = re.findall(
        r"^\| (?:5 to )?(\d+) \| (\d+) \| ([\d.]+) % \| ([\d.]+) % \| ([\d.]+) % \|$",
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert len(rows) == 6
    for steps, late, *shares in rows:
        assert int(late) == max(MIN_STEPS, math.ceil(int(steps) / 2))
        assert [float(share) for share in shares] == [
            round(100 * (1 - upper_limit(hits, int(late))), 1) for hits in range(3)
        ]
    assert (
        1 - upper_limit(0, math.ceil(27 / 2)) >= 0.8 > 1 - upper_limit(0, math.ceil(26 / 2))
    )  # "at least 27 cases"
