"""The order of versions in each ecosystem, as its documentation defines it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careen.errors import InputError
from careen.formats.versions import UnreadableVersionError, scheme_of, scheme_of_packages
from careen.formats.versions.scheme import MAX_VERSION
from careen.model.packages.package import Ecosystem

ORDERS: dict[str, str] = {
    # from the oldest to the newest
    "Debian": (
        "~~ ~~a ~ 0~git2024-1 0 0-1 0+b1 1.0~beta1~svn1245 1.0~beta1 1.0 1.0-0.1 1.0-1~deb12u1"
        " 1.0-1 1.0-1+deb12u1 1.0-1+deb12u10 1.0a 1.0+dfsg-1 1.0.1 1.2 1.10 1:0.1 1:0.2 2:0"
    ),
    "Alpine": (
        "0.1 1_alpha 1_alpha2 1_beta 1_pre 1_rc 1_rc1 1 1-r0 1-r1 1-r10 1_p 1_p1 1a 1b 1.0"
        " 1.0.5_git20240101-r0 1.0.6 1.1 1.10 2"
    ),
    "Red Hat": "0 1.0~rc1 1.0 1.0^git1 1.0a 1.0.1 1.0.10 1.1 1.1-1 1.1-1.el9 1.1-2 10 1:0.5 2:0",
    "PyPI": (
        "1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2"
        " 1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5"
        " 1.0.post456.dev34 1.0.post456 1.1.dev1 1!0.1"
    ),
    "npm": (
        "0.0.0-0 0.9.9 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2"
        " 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 1.10.0 2.0.0"
    ),
    "Maven": (
        "1-alpha-1 1-alpha-2 1-beta-1 1-milestone-1 1-rc1 1-SNAPSHOT 1 1-sp1 1-xyz 1-1 1.0.1 1.2"
        " 1.10 2"
    ),
    "Go": "v0.0.0-20200101000000-abcdefabcdef v0.1.0 v1.0.0-rc.1 v1.0.0 v1.2.0 v1.10.0 v2.0.0",
}


@pytest.mark.parametrize("ecosystem", ORDERS)
def test_versions_are_in_their_order(ecosystem: str) -> None:
    scheme = scheme_of(ecosystem)
    versions = ORDERS[ecosystem].split()
    wrong = [
        (old, new)
        for old, new in itertools.combinations(versions, 2)
        if scheme.compare(old, new) != -1 or scheme.compare(new, old) != 1
    ]
    assert wrong == []
    assert all(scheme.compare(each, each) == 0 for each in versions)


EQUAL: dict[str, list[tuple[str, str]]] = {
    "Debian": [("0:1.0", "1.0"), ("1.0-0", "1.0"), ("1.00", "1.0")],
    "PyPI": [("1.0", "1.0.0"), ("1.0RC1", "1rc1"), ("v1.0", "1.0"), ("1.0-1", "1.0.post1")],
    "npm": [("1.0.0+a", "1.0.0+b"), ("v1.0.0", "1.0.0")],
    "Maven": [("1", "1.0"), ("1", "1-ga"), ("1-RC1", "1-cr1"), ("1.a", "1-a")],
    "Red Hat": [("1.0", "0:1.0"), ("1..0", "1.0")],
}


@pytest.mark.parametrize("ecosystem", EQUAL)
def test_some_spellings_are_equal(ecosystem: str) -> None:
    scheme = scheme_of(ecosystem)
    for one, other in EQUAL[ecosystem]:
        assert scheme.compare(one, other) == 0, (one, other)
        assert scheme.same(one, other)


UNREADABLE: dict[str, list[str]] = {
    "Debian": ["", "1.0 2", f"{2**31}:1", "1:2-3:4", "caf\xe9"],
    "Alpine": ["", "a1", "1.0-1", "1.0_zeta", "1.0~", "1.0-rx"],
    "PyPI": ["", "one", "1.0-", "1..0", "1.0\x00"],
    "npm": ["", "one", "1.0.0-", "1.0.0-a..b"],
    "Go": ["", "one", "v1.0.0-"],
}


@pytest.mark.parametrize("ecosystem", UNREADABLE)
def test_what_is_no_version_has_no_place_in_the_order(ecosystem: str) -> None:
    scheme = scheme_of(ecosystem)
    for version in UNREADABLE[ecosystem]:
        with pytest.raises(UnreadableVersionError) as caught:
            scheme.compare(version, "1.0.0")
        assert str(caught.value).isprintable()
        assert scheme.same(version, version)
        assert not scheme.same(version, "1.0.0")


@pytest.mark.parametrize("ecosystem", ORDERS)
def test_a_version_of_unusual_length_is_not_parsed(ecosystem: str) -> None:
    scheme = scheme_of(ecosystem)
    for version in ("1" * (MAX_VERSION + 1), "1." * 5000, "(" * 100_000):
        with pytest.raises(UnreadableVersionError, match=f"read up to {MAX_VERSION}") as caught:
            scheme.key(version)
        assert len(str(caught.value)) < 300
    for piece in ("9", "1.", "a1", "-1", "_rc1", "~"):
        try:
            scheme.key((piece * MAX_VERSION)[:MAX_VERSION])
        except UnreadableVersionError:
            continue


def test_an_ecosystem_may_have_its_release_and_an_unknown_one_is_named() -> None:
    assert scheme_of("Debian:12") is scheme_of("Ubuntu:22.04:LTS")
    with pytest.raises(InputError, match="no version scheme is known for the ecosystem 'Cobol:9'"):
        scheme_of("Cobol:9")
    with pytest.raises(InputError) as caught:
        scheme_of("x" * 100_000)
    assert len(str(caught.value)) < 500


def test_every_managed_package_has_an_order() -> None:
    without = {each.value for each in Ecosystem if scheme_of_packages(each) is None}
    assert not without & {"deb", "apk", "rpm", "pypi", "npm", "maven", "golang", "cargo", "conda"}


TEXT = st.text("0123456789.-~+^_:abrcv", min_size=1, max_size=12)


@pytest.mark.parametrize("ecosystem", ORDERS)
@given(a=TEXT, b=TEXT, c=TEXT)
def test_the_order_is_total(ecosystem: str, a: str, b: str, c: str) -> None:
    scheme = scheme_of(ecosystem)
    try:
        one, two, three = scheme.compare(a, b), scheme.compare(b, c), scheme.compare(a, c)
    except UnreadableVersionError:
        return
    assert scheme.compare(b, a) == -one
    if one <= 0 and two <= 0:
        assert three == min(one, two)
