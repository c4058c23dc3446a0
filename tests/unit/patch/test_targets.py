"""To which version a package goes, by reach, majors, limits, variants and pre-releases."""

from collections.abc import Mapping

import pytest

from careen.errors import InputError
from careen.formats.versions import scheme_of_packages
from careen.formats.versions.lines import is_major, is_pre_release, line, variant
from careen.model.packages.package import Ecosystem
from careen.model.patching import Aim, Blocked, BlockReason, Reach
from careen.patch.limit import parse_limit
from careen.patch.targets import admits, choose

PYPI, NPM, MAVEN, DEB, CARGO = (
    Ecosystem.PYPI,
    Ecosystem.NPM,
    Ecosystem.MAVEN,
    Ecosystem.DEB,
    Ecosystem.CARGO,
)
URLLIB3 = (
    "1.26.4",
    "1.26.5",
    "1.26.17",
    "1.26.20",
    "2.0.0",
    "2.0.3",
    "2.0.7",
    "2.1.0",
    "2.5.0",
    "3.0.0rc1",
)


def aim(
    version: str, fixes: Mapping[str, tuple[str, ...]], kind: Ecosystem = PYPI, **more: object
) -> Aim:
    return Aim(f"pkg:{kind.value}/x@{version}", "x", version, kind, dict(fixes), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reach", "major", "expected"),
    [
        (Reach.MINIMAL, False, "1.26.17"),
        (Reach.SECURITY, False, "1.26.20"),
        (Reach.LATEST, False, "1.26.20"),
        (Reach.MINIMAL, True, "1.26.17"),
        (Reach.SECURITY, True, "1.26.20"),
        (Reach.LATEST, True, "2.5.0"),
    ],
)
def test_how_far_it_goes(reach: Reach, major: bool, expected: str) -> None:
    choice = choose(
        aim("1.26.5", {"CVE-1": ("1.26.17", "2.0.6")}), URLLIB3, reach, allow_major=major
    )
    assert (choice.version, choice.closes, choice.left) == (expected, ("CVE-1",), ())


def test_a_line_that_was_fixed_later_than_another_is_open_in_between() -> None:
    found = choose(aim("2.0.0", {"CVE-1": ("2.0.6",)}), URLLIB3, Reach.MINIMAL, allow_major=False)
    assert found.version == "2.0.7"
    across = choose(
        aim("1.26.5", {"CVE-1": ("1.26.17", "2.0.6")}), ("2.0.3",), Reach.MINIMAL, allow_major=True
    )
    assert across.version == ""
    assert across.left[0].detail == "fixed in 1.26.17, 2.0.6; the newest on offer is 2.0.3"


def test_what_closes_the_most_comes_before_what_is_lowest() -> None:
    fixes = {"CVE-1": ("1.1",), "CVE-2": ("1.3",), "CVE-3": ("1.3.2",)}
    choice = choose(
        aim("1.0", fixes), ("1.1", "1.3", "1.3.2", "1.3.9", "1.4"), Reach.MINIMAL, allow_major=False
    )
    assert (choice.version, choice.closes) == ("1.3.2", ("CVE-1", "CVE-2", "CVE-3"))
    assert (
        choose(
            aim("1.0", fixes), ("1.1", "1.3.2", "1.3.9", "1.4"), Reach.SECURITY, allow_major=False
        ).version
        == "1.3.9"
    )
    assert (
        choose(
            aim("1.0", fixes), ("1.1", "1.3.2", "1.3.9", "1.4"), Reach.LATEST, allow_major=False
        ).version
        == "1.4"
    )


def test_a_finding_that_only_a_major_version_closes_is_left() -> None:
    subject = aim("65.5.1", {"CVE-1": ("65.9",), "CVE-2": ("70.0.0",)})
    choice = choose(
        subject, ("65.5.1", "66.0", "65.9.1", "70.3.0"), Reach.SECURITY, allow_major=False
    )
    assert (choice.version, choice.closes) == ("65.9.1", ("CVE-1",))
    detail = "fixed in 70.0.0; on offer is 70.3.0, another major version than 65.5.1"
    assert choice.blocked(subject) == (
        Blocked(subject.purl, "x", "65.5.1", ("CVE-2",), BlockReason.MAJOR, detail),
    )
    assert choose(subject, ("70.3.0",), Reach.SECURITY, allow_major=True).closes == (
        "CVE-1",
        "CVE-2",
    )


def test_only_another_build_is_on_offer() -> None:
    subject = aim("2.5.1+cu124", {"CVE-1": ("2.6.0",)})
    choice = choose(
        subject, ("2.6.0", "2.6.0+cpu", "2.6.0+cu126"), Reach.SECURITY, allow_major=False
    )
    assert (choice.version, choice.left[0].barrier) == ("", BlockReason.VARIANT)
    assert choice.left[0].detail.startswith("fixed in 2.6.0; on offer is 2.6.0")
    assert choice.left[0].detail.endswith("installed is cu124")
    assert (
        choose(
            subject, ("2.6.0", "2.6.0+cu124", "2.6.0+cu126"), Reach.SECURITY, allow_major=False
        ).version
        == "2.6.0+cu124"
    )
    assert (
        choose(
            aim("2.5.1", {"CVE-1": ("2.6.0",)}),
            ("2.6.0+cu124", "2.6.0"),
            Reach.LATEST,
            allow_major=False,
        ).version
        == "2.6.0"
    )


def test_a_pre_release_only_from_a_pre_release() -> None:
    offered = ("2.0.0rc1", "2.0.0rc2")
    stable = choose(aim("1.9", {"CVE-1": ("2.0.0rc1",)}), offered, Reach.LATEST, allow_major=True)
    assert (stable.version, stable.left[0].barrier) == ("", BlockReason.UNAVAILABLE)
    assert stable.left[0].detail == "fixed in 2.0.0rc1; only pre-releases are on offer (2.0.0rc1)"
    assert (
        choose(
            aim("2.0.0b1", {"CVE-1": ("2.0.0rc1",)}), offered, Reach.MINIMAL, allow_major=False
        ).version
        == "2.0.0rc1"
    )


def test_the_users_limit_and_reach_come_first() -> None:
    fixes = {"CVE-1": ("1.2",), "CVE-2": ("1.4",)}
    subject = aim("1.0", fixes, limit="<1.4", reach=Reach.MINIMAL, word="patch.toml:2: not ready")
    choice = choose(subject, ("1.2", "1.3", "1.4"), Reach.LATEST, allow_major=False)
    assert (choice.version, choice.closes) == ("1.2", ("CVE-1",))
    assert (choice.left[0].barrier, choice.left[0].detail) == (
        BlockReason.EXCLUDED,
        "fixed in 1.4; the limit <1.4 leaves out 1.4 (patch.toml:2: not ready)",
    )
    assert admits(subject, "1.3")
    assert not admits(subject, "1.4")
    assert (
        choose(
            aim("1.0", {"CVE-1": ("2.1",)}, allow_major=True),
            ("2.1",),
            Reach.MINIMAL,
            allow_major=False,
        ).version
        == "2.1"
    )
    assert (
        choose(
            aim("1.0", {"CVE-1": ("2.1",)}, allow_major=False),
            ("2.1",),
            Reach.MINIMAL,
            allow_major=True,
        )
        .left[0]
        .barrier
        is BlockReason.MAJOR
    )


def test_a_distribution_has_no_majors_and_security_is_its_newest() -> None:
    subject = aim("20230311", {"CVE-1": ("20240203",)}, DEB)
    assert (
        choose(
            subject,
            ("20230311", "20240203", "1:20250419~deb12u1"),
            Reach.SECURITY,
            allow_major=False,
        ).version
        == "1:20250419~deb12u1"
    )
    assert (
        choose(subject, ("20240203", "20250419~deb12u1"), Reach.MINIMAL, allow_major=False).version
        == "20240203"
    )


def test_a_binary_numbered_otherwise_than_its_source_is_compared_by_the_source() -> None:
    subject = aim("4:14.2.0-1", {"CVE-1": ("1.221",)}, DEB, source="gcc-defaults@1.220")
    choice = choose(
        subject,
        ("4:14.2.0-1", "4:14.2.0-2"),
        Reach.SECURITY,
        allow_major=False,
        counted={"4:14.2.0-1": "1.220", "4:14.2.0-2": "1.221"},
    )
    assert (choice.version, choice.closes) == ("4:14.2.0-2", ("CVE-1",))


@pytest.mark.parametrize(
    ("offered", "detail"),
    [
        ((), "fixed in 1.2; nothing newer than 1.0 is on offer"),
        (("0.9", "1.0", "no version"), "fixed in 1.2; nothing newer than 1.0 is on offer"),
        (("1.1",), "fixed in 1.2; the newest on offer is 1.1"),
    ],
)
def test_what_is_not_on_offer(offered: tuple[str, ...], detail: str) -> None:
    choice = choose(aim("1.0", {"CVE-1": ("1.2",)}), offered, Reach.LATEST, allow_major=True)
    assert (choice.version, choice.closes, choice.left[0].barrier, choice.left[0].detail) == (
        "",
        (),
        BlockReason.UNAVAILABLE,
        detail,
    )


def test_two_that_no_version_closes_together() -> None:
    choice = choose(
        aim("1.0", {"CVE-1": ("1.1.5",), "CVE-2": ("1.1.5",), "CVE-3": ("1.2.1",)}),
        ("1.1.5",),
        Reach.LATEST,
        allow_major=False,
    )
    assert (choice.closes, choice.left[0].findings) == (("CVE-1", "CVE-2"), ("CVE-3",))


def test_versions_without_an_order_go_nowhere() -> None:
    choice = choose(
        aim("3.0", {"CVE-1": ("3.1",)}, Ecosystem.GENERIC), ("3.1",), Reach.LATEST, allow_major=True
    )
    assert (choice.version, choice.left[0].barrier) == ("", BlockReason.NO_MEANS)
    unread = choose(aim("not one", {"CVE-1": ("3.1",)}), ("3.1",), Reach.LATEST, allow_major=True)
    assert (unread.version, unread.left[0].barrier) == ("", BlockReason.NO_MEANS)


@pytest.mark.parametrize(
    ("kind", "before", "after", "major"),
    [
        (PYPI, "1.26.5", "2.0", True),
        (PYPI, "0.4", "0.9", False),
        (PYPI, "1.0", "1!1.0", True),
        (PYPI, "2023.7.22", "2024.7.4", False),
        (PYPI, "9.0", "2024.1", True),
        (NPM, "1.2.3", "1.9.0", False),
        (NPM, "1.2.3", "2.0.0", True),
        (NPM, "0.2.3", "0.2.9", False),
        (NPM, "0.2.3", "0.3.0", True),
        (CARGO, "0.0.3", "0.0.4", True),
        (MAVEN, "2.14.1", "2.17.1", False),
        (MAVEN, "31.1-jre", "32.0.0-jre", True),
        (MAVEN, "RELEASE", "2.0", True),
        (DEB, "1:2.0-1", "3:9.0-1", False),
    ],
)
def test_what_a_major_version_is(kind: Ecosystem, before: str, after: str, major: bool) -> None:
    assert is_major(kind, before, after) is major


@pytest.mark.parametrize(
    ("kind", "version", "expected"),
    [
        (PYPI, "2.0rc1", True),
        (PYPI, "2.0.dev3", True),
        (PYPI, "2.0.post1", False),
        (PYPI, "nonsense", False),
        (NPM, "2.0.0-beta.1", True),
        (NPM, "2.0.0+build-7", False),
        (MAVEN, "2.0-rc-1", True),
        (MAVEN, "6.0.0-M3", True),
        (MAVEN, "4.1.100.Final", False),
        (MAVEN, "31.1-jre", False),
        (MAVEN, "1.0b2", True),
        (DEB, "2.0~rc1-1", False),
    ],
)
def test_what_a_pre_release_is(kind: Ecosystem, version: str, expected: bool) -> None:
    assert is_pre_release(kind, version) is expected


def test_builds_and_lines() -> None:
    assert [variant(PYPI, text) for text in ("2.6.0+cu124", "2.6.0", "2.6.0+CU-124")] == [
        "cu124",
        "",
        "cu.124",
    ]
    assert [
        variant(MAVEN, text) for text in ("31.1-jre", "31.1-android", "12.4.1.jre11", "2.17.1")
    ] == ["jre", "android", "jre11", ""]
    assert [line(text) for text in ("1.26.5", "3", "1!2.3", "v1.2", "x")] == [
        (0, 1, 26),
        (0, 3, 0),
        (1, 2, 3),
        (0, 1, 2),
        None,
    ]


@pytest.mark.parametrize("text", ["<2", "<=2", "2", "<2, !=1.9", "!=1!2.0"])
def test_limits_are_read(text: str) -> None:
    scheme = scheme_of_packages(PYPI)
    assert scheme is not None
    assert parse_limit(text).admits("1.8", scheme)


@pytest.mark.parametrize(
    "text", [">1", "==1", "<", "<2,,<3", "~=1.2", "<1 2", "<" + "9" * 300, ",".join(["<2"] * 17)]
)
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="limit"):
        parse_limit(text)


def test_what_a_limit_leaves_out() -> None:
    scheme = scheme_of_packages(PYPI)
    assert scheme is not None
    limit = parse_limit("<=2.0, !=1.9")
    assert [
        version
        for version in ("1.8", "1.9", "2.0", "2.0.1", "nonsense")
        if limit.admits(version, scheme)
    ] == ["1.8", "2.0"]
