"""The version to upgrade to: the one that closes all findings, or how many stay open."""

from collections.abc import Mapping

import pytest

from careen.formats.versions.closing import MAX_CANDIDATES, best_upgrade
from careen.model.packages.package import Ecosystem

pytestmark = pytest.mark.slow

STARLETTE = {
    "CVE-1": ("0.49.1",),
    "CVE-2": ("1.0.1",),
    "CVE-3": ("1.1.0",),
    "CVE-4": ("1.3.1",),
}


@pytest.mark.parametrize(
    ("fixes", "words"),
    [
        (STARLETTE, "1.3.1 closes all 4"),
        ({"CVE-1": ("1.10.0",), "CVE-2": ("1.9.0",)}, "1.10.0 closes all 2"),
        (
            {"CVE-1": ("5.0.0",), "CVE-2": ("5.3.0",), "CVE-3": ()},
            "5.3.0 closes 2 of 3, 1 has no fix",
        ),
        ({"CVE-1": ("2.0",), "CVE-2": (), "CVE-3": ()}, "2.0 closes 1 of 3, 2 have no fix"),
        ({"CVE-1": ("2.0", "1!0.1")}, "2.0"),
        ({"CVE-1": ()}, ""),
        ({}, ""),
        # 1.26.17 is a fix of its own line; 2.0.6 holds both.
        ({"CVE-1": ("1.26.17", "2.0.6"), "CVE-2": ("2.0.7",)}, "2.0.7 closes all 2"),
        # No version of either line holds the other's fix.
        (
            {"CVE-1": ("1.0.1",), "CVE-2": ("1.0.2", "2.0.1"), "CVE-3": ("0.9.1", "2.0.2")},
            "2.0.2 closes all 3",
        ),
    ],
)
def test_the_version_that_closes_the_most_is_named(
    fixes: Mapping[str, tuple[str, ...]], words: str
) -> None:
    assert best_upgrade(fixes, Ecosystem.PYPI).words == words


def test_what_stays_open_is_counted() -> None:
    fixes = {"A": ("1.5",), "B": ("1.4", "2.0.6"), "C": ("not a version",)}
    best = best_upgrade(fixes, Ecosystem.PYPI)
    assert (best.version, best.closes, best.remains) == ("1.5", ("A", "B"), ("C",))
    assert best.words == "1.5 closes 2 of 3, 1 needs another version"


def test_without_an_order_of_versions_only_what_names_it_is_closed() -> None:
    best = best_upgrade({"A": ("r2",), "B": ("r3", "r2"), "C": ("r3",)}, None)
    assert (best.version, best.closes) == ("r2", ("A", "B"))
    assert best.words == "r2 closes 2 of 3, 1 needs another version"


def test_a_feed_that_names_very_many_fixes_costs_a_bounded_search() -> None:
    fixes = {f"CVE-{i}": (f"1.{i}",) for i in range(MAX_CANDIDATES + 500)}
    best = best_upgrade(fixes, Ecosystem.PYPI)
    assert best.version == f"1.{MAX_CANDIDATES - 1}"
    assert len(best.remains) == 500
