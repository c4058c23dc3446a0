"""To which version a Debian package goes."""

from dataclasses import replace

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.patching import Aim, BlockReason, Reach
from careen.patch.deb.apt.choice import Release, Rules, codename_of, pick
from careen.patch.deb.apt.output import Offer, Table
from careen.patch.deb.dpkg.installed import DebPackage, parse_paragraphs
from tests.support.trees import tree

MAIN, SECURITY, NEXT = (
    "http://m trixie/main",
    "http://m trixie-security/main",
    "http://m stable/main",
)
RELEASE = Release(
    "trixie",
    {
        MAIN: ("Debian", "trixie"),
        SECURITY: ("Debian", "trixie-security"),
        NEXT: ("Debian", "forky"),
    },
)
RULES = Rules(Reach.SECURITY, allow_major=False, release=RELEASE)
AIM = Aim(
    "pkg:deb/debian/x@1.0-1",
    "x",
    "1.0-1",
    Ecosystem.DEB,
    {"A": ("1.0-2",), "B": ("1.0-3",), "C": ("1.0-9",)},
    "x@1.0-1",
)


def shown(*versions: str, source: str = "") -> dict[str, DebPackage]:
    text = "\n".join(
        f"Package: x\nVersion: {version}\nArchitecture: amd64\nSource: {source}\n"
        for version in versions
    )
    return {package.version: package for package in parse_paragraphs(text)}


def table(candidate: str, *offers: Offer) -> Table:
    return Table(candidate, offers)


TWO = table(
    "1.0-4",
    Offer("1.0-4", 500, (SECURITY,)),
    Offer("1.0-3", 500, (MAIN,)),
    Offer("1.0-2", 500, (MAIN,)),
    Offer("1.0-1", 100, ()),
)


def test_the_candidate_closes_what_it_fixes_and_the_rest_is_said_with_both_versions() -> None:
    choice, blocked = pick(AIM, TWO, shown("1.0-2", "1.0-3", "1.0-4"), RULES)
    assert (choice.version, choice.closes) == ("1.0-4", ("A", "B"))
    assert [(each.findings, each.barrier, each.detail) for each in blocked] == [
        (("C",), BlockReason.UNAVAILABLE, "fixed in 1.0-9; the newest on offer is 1.0-4")
    ]


def test_minimal_is_the_lowest_version_that_closes_the_most() -> None:
    choice, _ = pick(
        AIM, TWO, shown("1.0-2", "1.0-3", "1.0-4"), replace(RULES, reach=Reach.MINIMAL)
    )
    assert choice.version == "1.0-3"


def test_a_pin_is_a_pin() -> None:
    pinned = table("1.0-1", Offer("1.0-3", -1, (SECURITY,)), Offer("1.0-1", 100, ()))
    choice, blocked = pick(AIM, pinned, shown("1.0-3"), RULES)
    assert choice.version == ""
    assert (BlockReason.PINNED, ("A", "B")) in [(each.barrier, each.findings) for each in blocked]
    assert "preferences" in next(
        each.detail for each in blocked if each.barrier is BlockReason.PINNED
    )


def test_a_version_of_another_release_is_not_taken() -> None:
    jumped = table(
        "2.0-1", Offer("2.0-1", 500, (NEXT,)), Offer("1.0-2", 500, (MAIN,)), Offer("1.0-1", 100, ())
    )
    choice, blocked = pick(AIM, jumped, shown("2.0-1", "1.0-2"), RULES)
    assert (choice.version, choice.closes) == ("1.0-2", ("A",))
    assert any(
        "2.0-1 is of forky, another release than the image's trixie" in each.detail
        for each in blocked
    )


def test_a_fips_build_is_not_replaced_by_another() -> None:
    aim = replace(AIM, version="1.0-1+Fips1", fixes={"A": ("1.0-2",)})
    offers = table("1.0-3", Offer("1.0-3", 500, (SECURITY,)), Offer("1.0-1+Fips1", 100, ()))
    choice, blocked = pick(aim, offers, shown("1.0-3"), RULES)
    assert choice.version == ""
    assert [each.barrier for each in blocked] == [BlockReason.FIPS]


def test_fixes_are_compared_with_the_sources_version() -> None:
    """Binary 2:4-1 of source 1.0-3: what the advisory says is about the source."""
    aim = replace(AIM, version="2:3-1", source="src@1.0-1", fixes={"A": ("1.0-3",)})
    offers = table("2:4-1", Offer("2:4-1", 500, (MAIN,)), Offer("2:3-1", 100, ()))
    assert pick(aim, offers, shown("2:4-1", source="src (1.0-3)"), RULES)[0].closes == ("A",)
    assert pick(aim, offers, shown("2:4-1", source="src (1.0-2)"), RULES)[0].closes == ()


@pytest.mark.parametrize(
    ("files", "codename"),
    [
        ({"/etc/os-release": 'ID=debian\nVERSION_CODENAME="trixie"\n'}, "trixie"),
        ({"/etc/os-release": "VERSION_CODENAME=forky\n", "/etc/debian_version": "forky/sid\n"}, ""),
        ({}, ""),
    ],
)
def test_the_release_is_told_by_its_files(files: dict[str, str], codename: str) -> None:
    assert codename_of(tree({"/x": "", **files})) == codename
