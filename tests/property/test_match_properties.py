"""Whatever text a version is, and whatever a record says: schemes order, matching answers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careen.advisories.matching.evaluate import evaluate
from careen.advisories.matching.match import match
from careen.formats.versions import UnreadableVersionError, VersionScheme, scheme_of
from careen.model.findings.advisory import (
    Advisory,
    AffectedPackage,
    AffectedRange,
    Event,
    EventKind,
    RangeKind,
    VendorStatus,
)
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Ecosystem
from tests.support.advisory_source import MemorySource
from tests.support.made_records import inventory, package

FAMILIES = ("PyPI", "npm", "Go", "Maven", "crates.io", "Debian", "Alpine", "AlmaLinux", "Bitnami")

tidy = st.from_regex(
    r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}([-+~_.](rc|a|p|r|alpha|post)?[0-9]{0,3}){0,2}", fullmatch=True
)
wild = st.text(max_size=40) | st.text(alphabet="0123456789.-+~^_:!abrcv* \0\u0661", max_size=300)
version = (
    tidy
    | wild
    | st.sampled_from(["0", "*", "", "9" * 5000, "1." * 4000, "-" * 300, "1-" * 200, "a1" * 120])
)


def read(scheme: VersionScheme, text: str) -> Any:
    try:
        return scheme.key(text)
    except UnreadableVersionError:
        return None


@pytest.mark.parametrize("family", FAMILIES)
@given(a=version, b=version, c=version)
def test_what_a_scheme_reads_it_orders(family: str, a: str, b: str, c: str) -> None:
    scheme = scheme_of(family)
    readable = [text for text in (a, b, c) if read(scheme, text) is not None]
    for first in readable:
        assert scheme.compare(first, first) == 0
        for second in readable:
            assert scheme.compare(first, second) == -scheme.compare(second, first)
    if len(readable) == 3 and scheme.compare(a, b) <= 0 and scheme.compare(b, c) <= 0:
        assert scheme.compare(a, c) <= 0


events = st.builds(Event, st.sampled_from(EventKind), version)
ranges = st.builds(
    AffectedRange, st.sampled_from(RangeKind), st.lists(events, max_size=6).map(tuple)
)
statuses = st.sampled_from(VendorStatus)


def entries(family: str) -> st.SearchStrategy[AffectedPackage]:
    return st.builds(
        AffectedPackage,
        st.just(family),
        st.just("thing"),
        st.lists(ranges, max_size=3).map(tuple),
        st.lists(version, max_size=4).map(tuple),
        statuses,
        severity=st.text(max_size=9),
    )


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data(), installed=version)
def test_evaluation_answers_and_never_calls_safe_what_it_could_not_compare(
    family: str, data: st.DataObject, installed: str
) -> None:
    entry = data.draw(entries(family))
    scheme = scheme_of(family)
    result = evaluate(entry, installed, scheme)
    assert result.certain or (result.affected and result.problem)
    if result.problem and not result.affected:
        assert entry.versions  # the record lists versions, and this one could be looked up there
        assert read(scheme, installed) is not None
    assert len(result.reason) < 800
    for fixed in result.fixed:
        assert scheme.place(installed, fixed) < 0


identifier = st.sampled_from(
    [
        "CVE-2026-0001",
        "CVE-2026-0002",
        "GHSA-1",
        "GHSA-2",
        "PYSEC-1",
        "DEBIAN-CVE-2026-0001",
        "ALBA-1",
        "",
        "\0",
    ]
)
names = st.lists(identifier, max_size=3).map(tuple)


@given(
    data=st.data(),
    installed=version,
    where=st.sampled_from(
        [
            (Ecosystem.PYPI, "PyPI"),
            (Ecosystem.DEB, "Debian:12"),
            (Ecosystem.GOLANG, "Go"),
            (Ecosystem.MAVEN, "Maven"),
        ]
    ),
)
def test_matching_never_raises(
    data: st.DataObject, installed: str, where: tuple[Ecosystem, str]
) -> None:
    ecosystem, family = where
    records = st.builds(
        Advisory,
        identifier,
        st.sampled_from(["osv:x", "debian-tracker"]),
        st.lists(entries(family), min_size=1, max_size=3).map(tuple),
        names,
        names,
        names,
    )
    source = MemorySource(data.draw(st.lists(records, max_size=5)), covers=[family])
    result = match(
        inventory(
            package(ecosystem, "thing", installed), distribution=Distribution("debian", "12")
        ),
        source,
    )
    assert [(one.package, one.id) for one in result.findings] == sorted(
        {(one.package, one.id) for one in result.findings}
    )
    for finding in result.findings:
        assert finding.matches
        assert finding.id not in finding.aliases
