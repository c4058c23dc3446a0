"""Packages of languages, and how records join."""

from dataclasses import replace

import pytest

from careen.advisories.matching.match import match
from careen.model.findings.advisory import (
    CvssScore,
    EpssScore,
    ImportedCode,
    KevEntry,
    Severity,
    VendorStatus,
)
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Ecosystem
from tests.support.advisory_source import MemorySource
from tests.support.labelled import read_labels, score
from tests.support.made_records import advisory, entry, inventory, package

BOOKWORM = Distribution("debian", "12", "bookworm")

RECORDS = (
    advisory("GHSA-npm1", entry("npm", "lodash", "+0 -4.17.21"), aliases=("CVE-2026-1001",)),
    advisory(
        "GHSA-npm2",
        entry("npm", "@babel/traverse", "+0 -7.23.2", "+8.0.0-alpha.0 -8.0.0-alpha.4"),
        aliases=("CVE-2026-1002",),
    ),
    advisory(
        "GHSA-npm3",
        entry("npm", "left-pad", "+1.0.0 =1.2.0", versions=("1.3.0",)),
        aliases=("CVE-2026-1003",),
    ),
    advisory("GHSA-npm4", entry("npm", "limited", "+0 <2.0.0"), aliases=("CVE-2026-1004",)),
    advisory(
        "GO-1", entry("Go", "stdlib", "+0 -1.21.8", "+1.22.0-0 -1.22.1"), aliases=("CVE-2026-1101",)
    ),
    advisory("GO-2", entry("Go", "golang.org/x/net", "+0 -0.23.0"), aliases=("CVE-2026-1102",)),
    advisory(
        "GO-3",
        entry("Go", "github.com/docker/docker", "+0 -25.0.6+incompatible"),
        aliases=("CVE-2026-1103",),
    ),
    advisory(
        "GO-4",
        entry("Go", "github.com/gogo/pseudo", "+0 -0.0.0-20220101120000-aaaaaaaaaaaa"),
        aliases=("CVE-2026-1104",),
    ),
    advisory(
        "GHSA-mvn1",
        entry(
            "Maven",
            "org.apache.logging.log4j:log4j-core",
            "+2.0-beta9 -2.3.1",
            "+2.4 -2.12.2",
            "+2.13.0 -2.15.0",
        ),
        aliases=("CVE-2026-1201",),
    ),
    advisory(
        "GHSA-mvn2",
        entry("Maven", "com.google.guava:guava", "+1.0 -32.0.0-android"),
        aliases=("CVE-2026-1202",),
    ),
    advisory(
        "RUSTSEC-1",
        entry("crates.io", "time", "+0.1.0 -0.2.0", "+0.2.1-0 -0.2.23"),
        aliases=("CVE-2026-1301",),
    ),
    advisory("BIT-1", entry("Bitnami", "python", "+0 -3.11.9"), aliases=("CVE-2026-1401",)),
    advisory("MAL-1", entry("npm", "evil", "+0")),
)

LABELS = """
npm lodash 4.17.20 : CVE-2026-1001 !
npm lodash 4.17.21 : ! CVE-2026-1001
npm lodash 4.17.21-rc.1 : CVE-2026-1001 !        # before the fix
npm Lodash 4.17.20 : ! CVE-2026-1001             # npm tells case apart
npm lodash 4.2.0 : CVE-2026-1001 !               # not text order
npm @babel/traverse 7.23.1 : CVE-2026-1002 !
npm @babel/traverse 7.23.2 : ! CVE-2026-1002
npm @babel/traverse 8.0.0-alpha.3 : CVE-2026-1002 !
npm @babel/traverse 8.0.0-alpha.4 : ! CVE-2026-1002
npm @babel/traverse 8.0.0-alpha.10 : ! CVE-2026-1002
npm traverse 7.23.1 : ! CVE-2026-1002
npm left-pad 1.2.0 : CVE-2026-1003 !
npm left-pad 1.2.1 : ! CVE-2026-1003
npm left-pad 1.3.0 : CVE-2026-1003 !
npm left-pad 1.3.0+build.5 : CVE-2026-1003 !
npm left-pad 0.9.0 : ! CVE-2026-1003
npm limited 1.9.9 : CVE-2026-1004 !
npm limited 2.0.0 : ! CVE-2026-1004
npm evil 1.0.0 : MAL-1 !
golang stdlib 1.21.7 : CVE-2026-1101 !
golang stdlib go1.21.8 : ! CVE-2026-1101
golang stdlib go1.22rc2 : CVE-2026-1101 !
golang stdlib 1.22.0 : CVE-2026-1101 !
golang stdlib 1.22.1 : ! CVE-2026-1101
golang golang.org/x/net v0.22.0 : CVE-2026-1102 !
golang golang.org/x/net v0.23.0 : ! CVE-2026-1102
golang golang.org/x/net v0.0.0-20240101000000-abcdefabcdef : CVE-2026-1102 !
golang github.com/docker/docker v25.0.5+incompatible : CVE-2026-1103 !
golang github.com/docker/docker v25.0.6+incompatible : ! CVE-2026-1103
golang github.com/gogo/pseudo v0.0.0-20211231235959-bbbbbbbbbbbb : CVE-2026-1104 !
golang github.com/gogo/pseudo v0.0.0-20220101120001-aaaaaaaaaaaa : ! CVE-2026-1104
golang github.com/gogo/pseudo v0.0.1 : ! CVE-2026-1104
maven org.apache.logging.log4j:log4j-core 2.14.1 : CVE-2026-1201 !
maven org.apache.logging.log4j/log4j-core 2.0-rc1 : CVE-2026-1201 !
maven org.apache.logging.log4j:log4j-core 2.0-beta8 : ! CVE-2026-1201
maven org.apache.logging.log4j:log4j-core 2.3.1 : ! CVE-2026-1201
maven org.apache.logging.log4j:log4j-core 2.12.2 : ! CVE-2026-1201
maven org.apache.logging.log4j:log4j-core 2.15.0 : ! CVE-2026-1201
maven log4j:log4j 2.14.1 : ! CVE-2026-1201
maven com.google.guava:guava 31.1-jre : CVE-2026-1202 !
maven com.google.guava:guava 32.0.1-jre : ! CVE-2026-1202
cargo time 0.1.45 : CVE-2026-1301 !
cargo time 0.2.0 : ! CVE-2026-1301
cargo time 0.2.22 : CVE-2026-1301 !
cargo time 0.3.0 : ! CVE-2026-1301
generic cpython 3.11.8 : CVE-2026-1401 !
generic cpython 3.11.9 : ! CVE-2026-1401
generic micropython 3.11.8 : ! CVE-2026-1401
"""


def test_the_labelled_set_of_the_other_ecosystems() -> None:
    result = score(read_labels(LABELS), MemorySource(RECORDS))
    assert (result.missed, result.wrong) == ([], [])
    assert result.found + result.quiet == 48


def test_aliases_join_also_over_a_record_that_does_not_match() -> None:
    records = (
        advisory("PYSEC-1", entry("PyPI", "flask", "+0 -2.0"), aliases=("GHSA-1",)),
        advisory("GHSA-1", entry("npm", "flask-js", "+0"), aliases=("CVE-2026-2001",)),
        advisory("GHSA-2", entry("PyPI", "flask", "+0 -2.1"), aliases=("CVE-2026-2001",)),
    )
    (one,) = match(
        inventory(package(Ecosystem.PYPI, "Flask", "1.0")), MemorySource(records)
    ).findings
    assert one.id == "CVE-2026-2001"
    assert one.aliases == ("GHSA-1", "GHSA-2", "PYSEC-1")
    assert [hit.record for hit in one.matches] == ["PYSEC-1", "GHSA-2"]
    assert one.fixed == ("2.1",)  # 2.0 is still affected, says GHSA-2


def test_two_cves_are_never_one_finding_and_related_joins_nothing() -> None:
    records = (
        advisory(
            "GHSA-1", entry("PyPI", "flask", "+0"), aliases=("CVE-2026-2001", "CVE-2026-2002")
        ),
        advisory("PYSEC-1", entry("PyPI", "flask", "+0"), aliases=("CVE-2026-2002", "GHSA-9")),
        replace(advisory("PYSEC-2", entry("PyPI", "flask", "+0")), related=("CVE-2026-2001",)),
    )
    findings = match(
        inventory(package(Ecosystem.PYPI, "flask", "1.0")), MemorySource(records)
    ).findings
    assert {one.id: one.aliases for one in findings} == {
        "CVE-2026-2001": ("GHSA-1",),
        "CVE-2026-2002": ("GHSA-1", "GHSA-9", "PYSEC-1"),
        "PYSEC-2": (),
    }


def test_records_without_a_cve_join_by_their_aliases_under_ghsa_s_name() -> None:
    records = (
        advisory("PYSEC-1", entry("PyPI", "flask", "+0"), aliases=("GHSA-1",)),
        advisory("GHSA-1", entry("PyPI", "flask", "+0")),
    )
    (one,) = match(
        inventory(package(Ecosystem.PYPI, "flask", "1.0")), MemorySource(records)
    ).findings
    assert (one.id, one.aliases) == ("GHSA-1", ("PYSEC-1",))


def test_a_record_that_links_everything_with_everything_ends() -> None:
    records = [
        advisory(
            f"X-{number}",
            entry("PyPI", "flask", "+0"),
            aliases=tuple(f"X-{other}" for other in range(number, number + 40)),
        )
        for number in range(300)
    ]
    findings = match(
        inventory(package(Ecosystem.PYPI, "flask", "1.0")), MemorySource(records)
    ).findings
    assert findings


def test_withdrawn_records_are_no_findings() -> None:
    gone = replace(
        advisory("PYSEC-1", entry("PyPI", "flask", "+0")), withdrawn="2026-01-01T00:00:00Z"
    )
    assert (
        match(inventory(package(Ecosystem.PYPI, "flask", "1.0")), MemorySource([gone])).findings
        == ()
    )


def test_a_finding_says_why_it_matched_and_what_is_known_of_it() -> None:
    record = replace(
        advisory(
            "GHSA-1",
            replace(
                entry("PyPI", "torch", "+0 -2.6.0", "+2.7.0 -2.7.2"),
                code=(ImportedCode("torch.load"),),
            ),
            aliases=("CVE-2026-2001",),
        ),
        summary="code runs on load",
        severity="critical",
        scores=(CvssScore("record", "3.1", "CVSS:3.1/AV:N", 7.5, Severity.HIGH),),
    )
    nvd = CvssScore("nvd", "3.1", "CVSS:3.1/AV:L", 5.0, Severity.MEDIUM)
    source = MemorySource(
        [record],
        kev=[KevEntry("CVE-2026-2001", "2026-01-02", "2026-01-23", "torch", ransomware=False)],
        epss=[EpssScore("CVE-2026-2001", 0.5, 0.9, "2026-08-16")],
        scores={"CVE-2026-2001": (nvd,)},
    )
    (one,) = match(inventory(package(Ecosystem.PYPI, "torch", "2.5.1+cpu")), source).findings
    assert one.matches[0].reason == "2.5.1+cpu is in [0, 2.6.0) of PyPI torch"
    assert one.fixed == ("2.6.0", "2.7.2")
    assert (one.status, one.severity, one.severity_source) == (
        VendorStatus.FIXED,
        Severity.CRITICAL,
        "GHSA-1",
    )
    assert [score.source for score in one.scores] == ["record", "nvd"]
    assert one.kev is not None
    assert one.epss is not None
    assert one.code == (ImportedCode("torch.load"),)


def test_code_that_no_feed_names_is_known_by_its_fix() -> None:
    records = (
        advisory("GHSA-1", entry("PyPI", "setuptools", "+0 -78.1.1"), aliases=("CVE-2025-47273",)),
        advisory("GHSA-2", entry("PyPI", "other", "+0 -78.1.1"), aliases=("CVE-2025-47273",)),
    )
    source = MemorySource(records)
    there = inventory(
        package(Ecosystem.PYPI, "setuptools", "70.3.0"), package(Ecosystem.PYPI, "other", "1.0")
    )
    code = {each.name: each.code for each in match(there, source).findings}
    assert [each.path for each in code["setuptools"]] == ["setuptools.package_index"]
    assert "setuptools/package_index.py" in code["setuptools"][0].source
    assert code["other"] == ()


def test_the_distribution_s_word_counts_for_a_python_package_that_it_brought() -> None:
    records = (
        advisory(
            "CVE-2026-3001",
            entry(
                "Debian:12", "python-urllib3", "+0 -1.26.12-1+deb12u1", status=VendorStatus.FIXED
            ),
            feed="debian-tracker",
        ),
        advisory(
            "CVE-2026-3002",
            entry("Debian:12", "python-urllib3", "+0", status=VendorStatus.DEFERRED),
            feed="debian-tracker",
        ),
        advisory("PYSEC-1", entry("PyPI", "urllib3", "+0 -1.26.18"), aliases=("CVE-2026-3001",)),
        advisory("PYSEC-2", entry("PyPI", "urllib3", "+0 -1.26.18"), aliases=("CVE-2026-3002",)),
        advisory("PYSEC-3", entry("PyPI", "urllib3", "+0 -1.26.18"), aliases=("CVE-2026-3003",)),
    )
    deb = package(
        Ecosystem.DEB,
        "python3-urllib3",
        "1.26.12-1+deb12u1",
        source="python-urllib3@1.26.12-1+deb12u1",
    )
    record = "/usr/lib/python3/dist-packages/urllib3-1.26.12.egg-info/PKG-INFO"
    python = package(Ecosystem.PYPI, "urllib3", "1.26.12", record=record)
    brought = match(
        inventory(deb, python, distribution=BOOKWORM, owners={record: (deb.purl, python.purl)}),
        MemorySource(records),
    )
    # 3001 is backported; 3002 is open and stands once, with Debian; of 3003 Debian says nothing
    assert [(one.id, one.name) for one in brought.findings] == [
        ("CVE-2026-3002", "python3-urllib3"),
        ("CVE-2026-3003", "urllib3"),
    ]
    alone = match(inventory(python, distribution=BOOKWORM), MemorySource(records))
    assert [one.id for one in alone.findings] == ["CVE-2026-3001", "CVE-2026-3002", "CVE-2026-3003"]


@pytest.mark.parametrize("version", ["unknown", "", "1.0\0", "\u0661.\u0662", "9" * 100_000])
def test_an_unreadable_version_is_taken_for_affected_and_said(version: str) -> None:
    record = advisory("GHSA-1", entry("PyPI", "flask", "+0 -2.0"), aliases=("CVE-2026-2001",))
    result = match(inventory(package(Ecosystem.PYPI, "flask", version)), MemorySource([record]))
    (one,) = result.findings
    assert (one.status, one.fixed) == (VendorStatus.UNDETERMINED, ())
    assert "may be affected" in one.matches[0].reason
    assert len(result.problems) == 1
    assert len(result.problems[0]) < 700


def test_an_unreadable_boundary_is_placed_by_its_release() -> None:
    record = advisory("PYSEC-1", entry("PyPI", "torch", "+0 =2.6.0-NA"), aliases=("CVE-2026-2001",))
    states = {}
    for version in ("2.5.1", "2.6.0", "2.7.0"):
        findings = match(
            inventory(package(Ecosystem.PYPI, "torch", version)), MemorySource([record])
        ).findings
        states[version] = findings[0].status if findings else None
    assert states == {
        "2.5.1": VendorStatus.AFFECTED,
        "2.6.0": VendorStatus.UNDETERMINED,
        "2.7.0": None,
    }


def test_what_no_feed_speaks_about_is_uncovered_and_never_guessed() -> None:
    source = MemorySource(
        [
            advisory("BIT-1", entry("Bitnami", "python", "+0")),
            advisory("PYSEC-1", entry("PyPI", "zlib", "+0")),
        ]
    )
    items = [package(Ecosystem.GENERIC, name, "1.0") for name in ("zlib", "libpng")]
    result = match(
        inventory(
            *items, package(Ecosystem.CONDA, "numpy", "1.0"), package(Ecosystem.NPM, "a", "1.0")
        ),
        source,
    )
    assert result.findings == ()
    assert [(one.what, one.packages) for one in result.uncovered] == [
        ("bundled software", 1),
        ("bundled software", 1),
        ("conda", 1),
        ("npm", 1),
    ]


def test_a_distribution_s_build_inside_a_wheel_is_not_compared_with_upstream_numbers() -> None:
    source = MemorySource(
        [advisory("BIT-1", entry("Bitnami", "openssl", "+0 -3.0.7"), aliases=("CVE-2026-2001",))]
    )
    upstream = package(Ecosystem.GENERIC, "openssl", "3.0.1")
    stated = replace(
        upstream, version="3.0.1-47.el9", purl="pkg:rpm/almalinux/openssl@3.0.1-47.el9"
    )
    result = match(inventory(upstream, stated), source)
    assert [one.package for one in result.findings] == [upstream.purl]
    assert [(one.what, one.packages, one.examples) for one in result.uncovered] == [
        ("bundled software", 1, ("openssl 3.0.1-47.el9",))
    ]


@pytest.mark.timeout(60)
def test_five_hundred_packages_ask_for_each_source_package_once() -> None:
    records = [
        advisory(f"CVE-2026-{number:04}", entry("Debian:12", f"source{number % 50}", "+0 -2.0-1"))
        for number in range(1000)
    ]
    packages = [
        package(Ecosystem.DEB, f"binary{number}", "1.0-1", source=f"source{number % 50}@1.0-1")
        for number in range(500)
    ]
    source = MemorySource(records)
    findings = match(inventory(*packages, distribution=BOOKWORM), source).findings
    assert len(findings) == 500 * 20
    assert source.asked == 50


def test_severity_without_a_word_is_the_newest_score_of_the_best_source() -> None:
    record = advisory("CVE-2026-2001", entry("PyPI", "flask", "+0"))
    scores = (
        CvssScore("redhat", "3.1", "a", 9.8, Severity.CRITICAL),
        CvssScore("nvd", "2.0", "b", 10.0, Severity.HIGH),
        CvssScore("nvd", "3.1", "c", 5.3, Severity.MEDIUM),
        CvssScore("nvd", "4.0", "d", 2.0, Severity.LOW),
    )
    (one,) = match(
        inventory(package(Ecosystem.PYPI, "flask", "1.0")),
        MemorySource([record], scores={"CVE-2026-2001": scores}),
    ).findings
    assert (one.severity, one.severity_source) == (Severity.LOW, "nvd, CVSS 4.0")
    assert [score.vector for score in one.scores] == ["d", "c", "a", "b"]


def test_a_distribution_whose_packages_are_not_recorded_is_said_not_clean() -> None:
    debian = Distribution("debian", "12", "bookworm", name="Debian 12\x1b[2J")
    (problem,) = match(
        replace(inventory(package(Ecosystem.PYPI, "torch", "1.0")), distribution=debian),
        MemorySource([]),
    ).problems
    assert (
        problem
        == "Debian 12\\x1b[2J is what the image calls itself, and no package of it is recorded:"
        " what it installed was not compared with any advisory"
    )
    assert (
        match(
            replace(inventory(package(Ecosystem.DEB, "idle", "1.0")), distribution=debian),
            MemorySource([]),
        ).problems
        == ()
    )
