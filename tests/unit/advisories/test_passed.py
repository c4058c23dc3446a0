"""Packages that a record names and does not affect: `careen why CVE-…` says why."""

from dataclasses import replace

import pytest

from careen.advisories.matching.passed import passed
from careen.model.findings.advisory import Advisory, VendorStatus
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Ecosystem, Package
from tests.support.made_records import advisory, entry, inventory, package

BOOKWORM = Distribution("debian", "12", "bookworm")
DEB = package(Ecosystem.DEB, "libssl3", "3.0-1", source="openssl@3.0-1")
WHEEL = package(Ecosystem.PYPI, "Urllib3", "2.0")


def says(
    item: Package, *records: Advisory, distribution: Distribution | None = BOOKWORM
) -> list[str]:
    stock = inventory(item, distribution=distribution)
    return [each.says for each in passed(stock, records, frozenset())]


def test_a_version_outside_of_the_range_is_said_with_the_range() -> None:
    (word,) = says(WHEEL, advisory("CVE-2026-1", entry("PyPI", "urllib3", "+0 -1.26")))
    assert word == "2.0 is in no affected range of PyPI urllib3"
    (word,) = says(DEB, advisory("CVE-2026-1", entry("Debian:12", "openssl", "+0 -2.0-1")))
    assert word.startswith("3.0-1 ")


def test_names_are_compared_as_the_ecosystem_does() -> None:
    assert says(WHEEL, advisory("CVE-2026-1", entry("PyPI", "URLLIB3", "+0 -1")))
    assert says(WHEEL, advisory("CVE-2026-1", entry("npm", "urllib3", "+0 -1"))) == []
    assert says(WHEEL, advisory("CVE-2026-1", entry("PyPI", "urllib", "+0 -1"))) == []


def test_a_record_of_another_release_says_nothing() -> None:
    record = advisory("CVE-2026-1", entry("Debian:11", "openssl", "+0 -2.0-1"))
    assert says(DEB, record) == []
    assert says(DEB, advisory("CVE-2026-1", entry("Ubuntu:22.04", "openssl", "+0 -2"))) == []


@pytest.mark.parametrize(
    "distribution", [None, Distribution("mystery", "1"), Distribution("alpine", "3.20")]
)
def test_a_distribution_that_is_not_known_says_nothing(distribution: Distribution | None) -> None:
    record = advisory("CVE-2026-1", entry("Debian:12", "openssl", "+0 -2.0-1"))
    assert says(DEB, record, distribution=distribution) == []


def test_a_vendor_s_word_is_repeated() -> None:
    record = advisory("CVE-2026-1", entry("Debian:12", "openssl", status=VendorStatus.NOT_AFFECTED))
    (word,) = says(DEB, record)
    assert "not affected" in word


def test_a_withdrawn_record_says_when() -> None:
    record = replace(
        advisory("CVE-2026-1", entry("PyPI", "urllib3", "+0 -3")),
        withdrawn="2026-05-06T07:08:09Z",
    )
    (word,) = says(WHEEL, record)
    assert word.startswith("withdrawn on 2026-05-06; ")


def test_affected_packages_are_left_out_and_repeated_words_said_once() -> None:
    record = advisory(
        "CVE-2026-1",
        entry("PyPI", "urllib3", "+0 -1.26"),
        entry("PyPI", "urllib3", "+0 -1.0"),
    )
    stock = inventory(WHEEL, distribution=None)
    (one,) = passed(stock, [record, record], frozenset())
    assert (one.purl, one.record) == (WHEEL.purl, "CVE-2026-1")
    assert passed(stock, [record], frozenset({WHEEL.purl})) == ()
