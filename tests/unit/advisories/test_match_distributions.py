"""Distribution packages: by source, release, and the vendor's own word."""

from dataclasses import replace

import pytest

from careen.advisories.matching.distro import Release, release_of
from careen.advisories.matching.match import match
from careen.model.findings.advisory import Advisory, CvssScore, Feed, Severity, VendorStatus
from careen.model.findings.finding import Finding, Matched
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Ecosystem, Package
from tests.support.advisory_source import MemorySource
from tests.support.made_records import advisory, entry, inventory, package

BOOKWORM = Distribution("debian", "12", "bookworm")
JAMMY = Distribution("ubuntu", "22.04", "jammy")
ALPINE = Distribution("alpine", "3.20.3", name="Alpine Linux v3.20")
ALMA = Distribution("almalinux", "9.4")


def found(item: Package, distribution: Distribution, *records: Advisory) -> dict[str, Finding]:
    return {
        one.id: one
        for one in match(inventory(item, distribution=distribution), MemorySource(records)).findings
    }


def deb(version: str, name: str = "libssl3", source: str = "openssl") -> Package:
    return package(Ecosystem.DEB, name, version, source=f"{source}@{version}")


@pytest.mark.parametrize(
    ("status", "ranges", "expected"),
    [
        (VendorStatus.FIXED, ("+0 -2.0-1",), VendorStatus.FIXED),
        (VendorStatus.AFFECTED, ("+0",), VendorStatus.AFFECTED),
        (VendorStatus.DEFERRED, ("+0",), VendorStatus.DEFERRED),
        (VendorStatus.WONT_FIX, ("+0",), VendorStatus.WONT_FIX),
        (VendorStatus.END_OF_LIFE, (), VendorStatus.END_OF_LIFE),
        (VendorStatus.UNDETERMINED, (), VendorStatus.UNDETERMINED),
    ],
)
def test_the_vendor_s_word_is_the_status(
    status: VendorStatus, ranges: tuple[str, ...], expected: VendorStatus
) -> None:
    one = found(
        deb("1.0-1"),
        BOOKWORM,
        advisory(
            "CVE-2026-0001",
            entry("Debian:12", "openssl", *ranges, status=status),
            feed="debian-tracker",
        ),
    )
    assert one["CVE-2026-0001"].status is expected
    assert one["CVE-2026-0001"].fixed == (("2.0-1",) if expected is VendorStatus.FIXED else ())


def test_not_affected_and_fixed_zero_are_no_findings() -> None:
    says_so = advisory(
        "CVE-2026-0001", entry("Debian:12", "openssl", status=VendorStatus.NOT_AFFECTED)
    )
    zero = advisory(
        "CVE-2026-0002", entry("Debian:12", "openssl", "+0 -0", status=VendorStatus.FIXED)
    )
    assert found(deb("0~git2024-1"), BOOKWORM, says_so, zero) == {}  # older than 0 to dpkg


def test_the_tracker_goes_before_osv_s_copy_also_where_it_says_not_affected() -> None:
    tracker = advisory(
        "CVE-2026-0001",
        entry("Debian:12", "openssl", status=VendorStatus.NOT_AFFECTED),
        feed="debian-tracker",
    )
    copy = replace(
        advisory("DEBIAN-CVE-2026-0001", entry("Debian:12", "openssl", "+0"), feed="osv:Debian"),
        upstream=("CVE-2026-0001",),
    )
    assert found(deb("1.0-1"), BOOKWORM, tracker, copy) == {}
    assert found(deb("1.0-1"), BOOKWORM, copy)["CVE-2026-0001"].aliases == ("DEBIAN-CVE-2026-0001",)


def test_who_does_not_decide_may_still_have_rated_the_vulnerability() -> None:
    tracker = advisory("CVE-2026-0001", entry("Debian:12", "openssl", "+0"), feed="debian-tracker")
    score = CvssScore("record", "3.1", "CVSS:3.1/AV:N", 9.8, Severity.CRITICAL)
    copy = replace(
        advisory(
            "DEBIAN-CVE-2026-0001", entry("Debian:12", "openssl", "+0 -0.5"), feed="osv:Debian"
        ),
        upstream=("CVE-2026-0001",),
        scores=(score,),
    )
    one = found(deb("1.0-1"), BOOKWORM, tracker, copy)["CVE-2026-0001"]
    assert (one.severity, one.severity_source, one.fixed) == (
        Severity.CRITICAL,
        "the advisory, CVSS 3.1",
        (),
    )


def test_another_release_s_word_does_not_count() -> None:
    assert (
        found(
            deb("1.0-1"),
            BOOKWORM,
            advisory(
                "CVE-2026-0001",
                entry("Debian:13", "openssl", "+0"),
                entry("Debian:12", "openssl", "+0 -0.9"),
            ),
        )
        == {}
    )


def test_ubuntu_a_fix_from_pro_is_a_fix_and_the_open_main_entry_names_it() -> None:
    record = advisory(
        "UBUNTU-CVE-2026-0001",
        entry("Ubuntu:22.04:LTS", "openssl", "+0"),
        entry("Ubuntu:Pro:22.04:LTS", "openssl", "+0 -1.0-1ubuntu0.1~esm1"),
        entry("Ubuntu:Pro:FIPS-updates:22.04:LTS", "openssl", "+0 -1.0-1ubuntu0.1+Fips2"),
        entry("Ubuntu:24.04:LTS", "openssl", "+0"),
    )
    assert set(found(deb("1.0-1"), JAMMY, record)) == {"CVE-2026-0001"}
    assert found(deb("1.0-1ubuntu0.1~esm1"), JAMMY, record) == {}
    assert set(found(deb("1.0-1ubuntu0.1+Fips1"), JAMMY, record)) == {"CVE-2026-0001"}
    assert found(deb("1.0-1ubuntu0.1+Fips2"), JAMMY, record) == {}


def test_alpine_is_asked_by_origin_and_edge_is_a_release_of_its_own() -> None:
    record = advisory(
        "CVE-2026-0001",
        entry("Alpine:v3.20", "openssl", "+0 -3.3.2-r1"),
        entry("Alpine:edge", "openssl", "+0 -3.3.3-r0"),
    )
    lib = package(Ecosystem.APK, "libcrypto3", "3.3.2-r1", source="openssl@3.3.2-r1")
    assert found(lib, ALPINE, record) == {}
    assert set(found(lib, Distribution("alpine", "3.23.0_alpha20250612"), record)) == {
        "CVE-2026-0001"
    }


def test_rocky_by_binary_or_source_name_with_the_binary_s_epoch() -> None:
    record = replace(
        advisory("RLSA-2026:1", entry("Rocky Linux:9", "openssl", "+0 -1:3.0.7-27.el9")),
        related=("CVE-2026-0001", "CVE-2026-0002"),
    )
    rocky = Distribution("rocky", "9.4")
    old = package(Ecosystem.RPM, "openssl-libs", "1:3.0.7-26.el9", source="openssl@3.0.7-26.el9")
    new = package(Ecosystem.RPM, "openssl-libs", "1:3.0.7-27.el9", source="openssl@3.0.7-27.el9")
    assert {name: one.aliases for name, one in found(old, rocky, record).items()} == {
        "CVE-2026-0001": ("RLSA-2026:1",),
        "CVE-2026-0002": ("RLSA-2026:1",),
    }
    assert found(new, rocky, record) == {}


def test_red_hat_by_product_and_architecture() -> None:
    main = entry("Red Hat:enterprise_linux:9::baseos", "zlib", "+0 -2-1.el9")
    rhel = Distribution("rhel", "9.4")
    zlib = replace(package(Ecosystem.RPM, "zlib", "1-1.el9"), architecture="x86_64")
    assert set(found(zlib, rhel, advisory("CVE-2026-0001", main))) == {"CVE-2026-0001"}
    assert (
        found(zlib, rhel, advisory("CVE-2026-0001", replace(main, architectures=("s390x",)))) == {}
    )
    for other in (
        "Red Hat:enterprise_linux:8::baseos",
        "Red Hat:rhel_eus:9.2::baseos",
        "Red Hat:openshift:4::el9",
    ):
        assert found(zlib, rhel, advisory("CVE-2026-0001", replace(main, ecosystem=other))) == {}


def test_streams_of_a_module_are_apart_and_an_unnamed_stream_is_compared() -> None:
    fixed = entry("AlmaLinux:9", "nodejs", "+0 -1:20.1-1.module_el9.4.0+1+a")
    titled = replace(
        advisory("ALSA-2026:1", fixed),
        summary="Important: nodejs:20 security update",
        related=("CVE-2026-0001",),
    )
    untitled = replace(titled, summary="Important: nodejs security update")
    stated = replace(untitled, affected=(replace(fixed, module="nodejs:20"),))
    old = "1:18.1-1.module_el9.4.0+1+a"
    for module, record, expected in (
        ("nodejs:18", titled, False),
        ("nodejs:20:9040:x", titled, True),
        ("nodejs:18", untitled, True),
        ("", titled, True),
        ("nodejs:18", stated, False),
        ("nodejs:20", stated, True),
    ):
        assert (
            bool(found(package(Ecosystem.RPM, "nodejs", old, module=module), ALMA, record))
            is expected
        ), (module, record)
    assert found(package(Ecosystem.RPM, "nodejs", "1:16.0-1.el9"), ALMA, titled) == {}


def test_errata_that_are_not_about_security_are_no_findings() -> None:
    assert (
        found(
            package(Ecosystem.RPM, "zlib", "1-1.el9"),
            ALMA,
            advisory("ALBA-2026:1", entry("AlmaLinux:9", "zlib", "+0 -2-1.el9")),
        )
        == {}
    )


def test_the_vendor_s_severity_goes_before_a_score() -> None:
    record = advisory(
        "CVE-2026-0001",
        replace(entry("Debian:12", "openssl", "+0"), severity="unimportant"),
        feed="debian-tracker",
    )
    one = found(deb("1.0-1"), BOOKWORM, record)["CVE-2026-0001"]
    assert (one.severity, one.severity_source) == (Severity.NEGLIGIBLE, "debian-tracker")


@pytest.mark.parametrize(
    ("distribution", "expected"),
    [
        (Distribution("debian", "12", "bookworm"), "Debian 12"),
        (Distribution("debian", "", "trixie"), "Debian 13"),
        (Distribution("ubuntu", "24.10"), "Ubuntu 24.10"),
        (Distribution("alpine", "3.20.3"), "Alpine v3.20"),
        (Distribution("wolfi", "20230201"), "Wolfi"),
        (Distribution("rhel", "9.4"), "Red Hat 9"),
        (Distribution("centos", "8"), "Red Hat 8"),
        (Distribution("amzn", "2023"), "Amazon Linux 2023"),
        (Distribution("fedora", "40"), "Fedora 40"),
    ],
)
def test_releases(distribution: Distribution, expected: str) -> None:
    release = release_of(distribution)
    assert isinstance(release, Release)
    assert release.label == expected


@pytest.mark.parametrize(
    ("distribution", "reason"),
    [
        (None, "does not say which distribution"),
        (
            Distribution("linuxmint", "21", like=("ubuntu",)),
            "no feed is known that speaks about the distribution 'linuxmint'",
        ),
        (Distribution("debian", "", "unheard"), "does not say which release of Debian"),
        (Distribution("centos", "9"), "CentOS Stream 9 runs ahead"),
        (Distribution("alpine", "x.y"), "does not say which release of Alpine"),
    ],
)
def test_what_is_not_compared_is_said(distribution: Distribution | None, reason: str) -> None:
    result = match(
        inventory(deb("1.0-1"), distribution=distribution),
        MemorySource([advisory("CVE-2026-0001", entry("Debian:12", "openssl", "+0"))]),
    )
    assert result.findings == ()
    assert [(one.what, one.packages) for one in result.uncovered] == [("deb", 1)]
    assert reason in result.uncovered[0].reason


def test_a_release_without_a_feed_and_a_package_of_another_kind_are_uncovered() -> None:
    source = MemorySource([advisory("CVE-2026-0001", entry("Debian:13", "openssl", "+0"))])
    result = match(
        inventory(deb("1.0-1"), package(Ecosystem.RPM, "zlib", "1-1"), distribution=BOOKWORM),
        source,
    )
    assert [(one.what, one.packages, one.reason) for one in result.uncovered] == [
        ("Debian 12", 1, "the database holds no feed of Debian 12"),
        ("rpm", 1, "Debian 12 has no rpm packages of its own"),
    ]


def test_a_package_that_a_partial_feed_does_not_name_is_unknown() -> None:
    class Partial(MemorySource):
        def feeds(self) -> tuple[Feed, ...]:
            return tuple(replace(feed, partial="a part of it") for feed in super().feeds())

    source = Partial(
        [advisory("CVE-2026-0001", entry("Debian:12", "openssl", "+0"), feed="debian-tracker")]
    )
    result: Matched = match(
        inventory(deb("1.0-1"), deb("1.0-1", "libc6", "glibc"), distribution=BOOKWORM), source
    )
    assert len(result.findings) == 1
    assert [(one.what, one.packages) for one in result.uncovered] == [("Debian 12", 1)]
    assert "debian-tracker is partial: a part of it" in result.uncovered[0].reason
