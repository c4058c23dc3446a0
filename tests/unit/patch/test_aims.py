"""From findings to aims: what is to be upgraded, what stays by whose word, and what is only
counted.
"""

import pytest

from careen.errors import InputError
from careen.model.findings.advisory import KevEntry, Severity, VendorStatus
from careen.model.findings.finding import Finding
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.patching import Aim, Blocked, BlockReason, PatchChoices, Rating, Reach
from careen.model.paths import ImagePath
from careen.patch.aims import Aimed, aims, rate
from careen.patch.policy import Policy, PolicyRule

TRIXIE = Distribution(
    "debian", "13", "trixie", (), "Debian GNU/Linux 13 (trixie)", "/etc/os-release"
)


def package(
    kind: Ecosystem,
    name: str,
    version: str,
    source: str = "",
    presence: Presence = Presence.INSTALLED,
) -> Package:
    return Package(
        kind,
        name,
        version,
        f"pkg:{kind.value}/{name}@{version}",
        ImagePath("/r"),
        (),
        source=source,
        presence=presence,
    )


LIBSSL = package(Ecosystem.DEB, "libssl3t64", "3.5.1-1", "openssl@3.5.1-1")
GCC = package(Ecosystem.DEB, "gcc", "4:14.2.0-1", "gcc-defaults@1.220")
URLLIB3 = package(Ecosystem.PYPI, "urllib3", "1.26.5")
RUAMEL = package(Ecosystem.PYPI, "ruamel.yaml", "0.17")
JACKSON = package(
    Ecosystem.MAVEN,
    "com.fasterxml.jackson.core:jackson-databind",
    "2.9.8",
    presence=Presence.EMBEDDED,
)
STOCK = Inventory(
    {each.purl: each for each in (LIBSSL, GCC, URLLIB3, RUAMEL, JACKSON)}, {}, distribution=TRIXIE
)


def finding(
    of: Package,
    name: str,
    *fixed: str,
    status: VendorStatus = VendorStatus.FIXED,
    aliases: tuple[str, ...] = (),
) -> Finding:
    return Finding(
        name, aliases, of.purl, of.name, of.version, (), status, fixed, Severity.HIGH, "nvd"
    )


def aimed(
    *findings: Finding, choices: PatchChoices | None = None, policy: Policy | None = None
) -> Aimed:
    return aims(findings, STOCK, choices or PatchChoices(), policy or Policy(), TRIXIE)


def reasons(result: Aimed) -> list[tuple[str, tuple[str, ...], BlockReason, str]]:
    return [(each.name, each.findings, each.barrier, each.detail) for each in result.blocked]


def test_one_aim_for_each_package_with_all_its_fixes() -> None:
    result = aimed(
        finding(URLLIB3, "CVE-2023-2", "2.0.6", "1.26.17"),
        finding(URLLIB3, "CVE-2023-1", "1.26.18"),
        finding(LIBSSL, "CVE-2025-1", "3.5.1-1+deb13u1"),
    )
    assert result.aims == (
        Aim(
            LIBSSL.purl,
            "libssl3t64",
            "3.5.1-1",
            Ecosystem.DEB,
            {"CVE-2025-1": ("3.5.1-1+deb13u1",)},
            "openssl@3.5.1-1",
        ),
        Aim(
            URLLIB3.purl,
            "urllib3",
            "1.26.5",
            Ecosystem.PYPI,
            {"CVE-2023-1": ("1.26.18",), "CVE-2023-2": ("1.26.17", "2.0.6")},
        ),
    )
    assert (result.blocked, result.notes) == ((), ())


def test_embedded_packages_are_aims_too() -> None:
    assert aimed(finding(JACKSON, "CVE-1", "2.9.10.8")).aims[0].purl == JACKSON.purl


def test_the_sources_version_counts_for_debian() -> None:
    assert aimed(finding(GCC, "CVE-1", "1.221")).aims[0].fixes == {"CVE-1": ("1.221",)}


def test_what_cannot_be_read_or_is_not_above_is_passed_over_and_said() -> None:
    result = aimed(
        finding(URLLIB3, "CVE-1", "1.26.5", "nonsense", "1.27"), finding(URLLIB3, "CVE-2", "1.25")
    )
    assert result.aims[0].fixes == {"CVE-1": ("1.27",)}
    assert reasons(result) == [
        (
            "urllib3",
            ("CVE-2",),
            BlockReason.NO_FIX,
            "1.25 is listed as the fix, but is not newer than 1.26.5",
        )
    ]
    assert result.notes == (
        "urllib3: version 'nonsense' is not one that PyPI knows; ignored as a fix for CVE-1",
    )


def test_no_fix_and_the_vendors_word() -> None:
    result = aimed(
        finding(LIBSSL, "CVE-1", status=VendorStatus.AFFECTED),
        finding(LIBSSL, "CVE-2", status=VendorStatus.WONT_FIX),
        finding(LIBSSL, "CVE-3", status=VendorStatus.END_OF_LIFE),
        finding(LIBSSL, "CVE-4", status=VendorStatus.DEFERRED),
        finding(LIBSSL, "CVE-5", status=VendorStatus.AFFECTED),
        finding(LIBSSL, "CVE-6", "3.5.2-1", status=VendorStatus.WONT_FIX),
        choices=PatchChoices(exclude=("libssl*",)),
    )
    assert reasons(result) == [
        ("libssl3t64", ("CVE-1", "CVE-5"), BlockReason.NO_FIX, "no fixed version is known"),
        ("libssl3t64", ("CVE-2",), BlockReason.REFUSED, "the vendor will not fix it"),
        ("libssl3t64", ("CVE-3",), BlockReason.REFUSED, "the release is end-of-life"),
        ("libssl3t64", ("CVE-4",), BlockReason.NO_FIX, "the vendor has deferred the fix"),
        ("libssl3t64", ("CVE-6",), BlockReason.EXCLUDED, "--exclude libssl*; fixed in 3.5.2-1"),
    ]
    assert result.notes == (
        (
            "Debian GNU/Linux 13 (trixie) is end-of-life: 1 finding will never be fixed"
            " in this release; use a newer base image"
        ),
    )


def test_unfixed_ones_are_only_counted_when_they_are_to_be_ignored() -> None:
    result = aimed(
        finding(LIBSSL, "CVE-1", status=VendorStatus.AFFECTED),
        finding(LIBSSL, "CVE-2", status=VendorStatus.WONT_FIX),
        finding(LIBSSL, "CVE-3", "3.5.2-1"),
        choices=PatchChoices(ignore_unfixed=True),
    )
    assert ([each.purl for each in result.aims], result.blocked) == ([LIBSSL.purl], ())
    assert result.notes == ("2 findings without a known fix left out (--ignore-unfixed)",)


@pytest.mark.parametrize(
    ("glob", "left_out"),
    [
        ("pypi", ["CVE-2", "CVE-3"]),
        ("deb:*ssl*", ["CVE-1"]),
        ("openssl", ["CVE-1"]),
        ("ruamel_yaml", ["CVE-3"]),
        ("PyPI", []),
        ("pkg:pypi/urllib3", ["CVE-2"]),
        ("pkg:pypi/urllib3@1.*", ["CVE-2"]),
        ("maven:com.fasterxml.*", ["CVE-4"]),
        ("cve-2", ["CVE-2"]),
        ("GHSA-abcd-*", ["CVE-4"]),
        ("*", ["CVE-1", "CVE-2", "CVE-3", "CVE-4"]),
    ],
)
def test_what_a_glob_names(glob: str, left_out: list[str]) -> None:
    found = (
        finding(LIBSSL, "CVE-1", "3.5.2-1"),
        finding(URLLIB3, "CVE-2", "1.27"),
        finding(RUAMEL, "CVE-3", "0.18"),
        finding(JACKSON, "CVE-4", "2.9.10", aliases=("GHSA-abcd-efgh",)),
    )
    result = aimed(*found, choices=PatchChoices(exclude=(glob,)))
    assert sorted(one for each in result.blocked for one in each.findings) == left_out
    assert all(
        each.barrier is BlockReason.EXCLUDED
        and each.detail.startswith(f"--exclude {glob}; fixed in ")
        for each in result.blocked
    )
    only = aimed(*found, choices=PatchChoices(only=(glob,)))
    assert sorted(one for each in only.aims for one in each.fixes) == left_out
    assert all(each.detail.startswith(f"not among --only {glob}; ") for each in only.blocked)
    assert (f"--exclude {glob}: names no package of the image and no finding" in result.notes) is (
        not left_out
    )


def test_the_policy_holds_limits_and_is_quoted() -> None:
    policy = Policy(
        (
            PolicyRule(
                ("urllib3",),
                "v2 is not ready",
                "patch.toml:3",
                limit="<2",
                reach=Reach.MINIMAL,
                allow_major=False,
            ),
            PolicyRule(("deb",), "frozen", "patch.toml:9", hold=True),
            PolicyRule(("nothing",), "gone", "patch.toml:12", hold=True),
        ),
        ("patch.toml:20: x: expired",),
    )
    result = aimed(
        finding(URLLIB3, "CVE-1", "1.27"), finding(LIBSSL, "CVE-2", "3.5.2-1"), policy=policy
    )
    (aim,) = result.aims
    assert (aim.limit, aim.reach, aim.allow_major, aim.word) == (
        "<2",
        Reach.MINIMAL,
        False,
        "patch.toml:3: v2 is not ready",
    )
    assert result.blocked == (
        Blocked(
            LIBSSL.purl,
            "libssl3t64",
            "3.5.1-1",
            ("CVE-2",),
            BlockReason.EXCLUDED,
            "patch.toml:9: frozen; fixed in 3.5.2-1",
        ),
    )
    assert result.notes == (
        "patch.toml:20: x: expired",
        "patch.toml:12: nothing: names no package of the image",
    )


def test_a_package_that_is_not_there_is_said() -> None:
    stranger = package(Ecosystem.PYPI, "other", "1")
    result = aimed(finding(stranger, "CVE-1", "2"))
    assert (result.aims, result.blocked) == ((), ())
    assert result.notes == (
        "CVE-1: no package of the image is pkg:pypi/other@1, so nothing is upgraded for it",
    )


def test_a_glob_that_cannot_be_matched_is_refused() -> None:
    with pytest.raises(InputError, match="at most 8 stars"):
        aimed(choices=PatchChoices(only=("*" * 9,)))


def test_every_finding_is_rated_once_by_the_worst() -> None:
    kev = KevEntry("CVE-1", "2024-01-01", "2024-02-01", "x", ransomware=False)
    low = Finding(
        "CVE-1", (), GCC.purl, "gcc", "1", (), VendorStatus.FIXED, (), Severity.LOW, "nvd", kev=kev
    )
    assert rate([finding(LIBSSL, "CVE-2"), finding(LIBSSL, "CVE-1"), low]) == (
        Rating("CVE-1", Severity.HIGH, kev=True),
        Rating("CVE-2", Severity.HIGH),
    )
