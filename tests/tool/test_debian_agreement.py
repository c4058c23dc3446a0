"""Debian findings against 86 public reports of independent scanners (bench/debian_agreement.py has
the classes and their reasons).
"""

import pytest

from bench.debian_agreement import FOLDER, OURS, THEIRS, Agreement, compare

pytestmark = pytest.mark.advisories


@pytest.fixture(scope="module")
def agreements() -> dict[str, Agreement]:
    return compare(FOLDER)


@pytest.fixture(scope="module")
def total(agreements: dict[str, Agreement]) -> Agreement:
    out = Agreement()
    for one in agreements.values():
        out.add(one)
    return out


def test_all_but_a_few_of_a_scanner_s_findings_on_debian_packages_are_ours(
    agreements: dict[str, Agreement], total: Agreement
) -> None:
    assert len(agreements) == 86
    assert total.both >= 13_168
    assert total.found >= 0.999
    # The tracker's data was rebuilt from advisories and from scan reports, these among them:
    # agreement on the rest is circular, on this part it is not.
    assert total.independent >= 950


def test_every_difference_has_a_reason(total: Agreement) -> None:
    assert total.unexplained == []
    assert set(total.theirs) <= set(THEIRS)
    assert set(total.ours) <= set(OURS)
    assert total.theirs["Debian said both"] <= 4


def test_no_report_is_missed_as_a_whole(agreements: dict[str, Agreement]) -> None:
    assert {name: one.found for name, one in agreements.items() if one.found < 0.99} == {}
