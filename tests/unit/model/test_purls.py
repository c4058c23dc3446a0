"""Package URLs as other tools state them: what is read, and which package a stated one covers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careen.model.packages.package import Ecosystem
from careen.model.packages.purls import MAX_PURL, ecosystem_of, matches, read_purl, with_epoch


@pytest.mark.parametrize(
    ("text", "identity", "version"),
    [
        ("pkg:deb/debian/libC6@2.41-12?arch=amd64", ("deb", "debian", "libc6"), "2.41-12"),
        ("pkg:rpm/redhat/bash@5.1-6?epoch=1", ("rpm", "redhat", "bash"), "1:5.1-6"),
        ("pkg:rpm/redhat/bash@1:5.1-6?epoch=1", ("rpm", "redhat", "bash"), "1:5.1-6"),
        ("pkg:rpm/redhat/bash@5.1-6?epoch=0", ("rpm", "redhat", "bash"), "5.1-6"),
        ("pkg:deb/debian/a@0:1", ("deb", "debian", "a"), "1"),
        ("pkg:golang/github.com/A/b@1.2.3", ("golang", "github.com/a", "b"), "v1.2.3"),
        ("pkg:golang/x/y@v1.2.3", ("golang", "x", "y"), "v1.2.3"),
        ("pkg:maven/Org.Example/Lib@1", ("maven", "Org.Example", "Lib"), "1"),
        ("pkg:npm/%40scope/name", ("npm", "@scope", "name"), ""),
        ("pkg:pypi/Typing_Extensions@4", ("pypi", "", "typing-extensions"), "4"),
    ],
)
def test_a_purl_is_read_in_one_form(
    text: str, identity: tuple[str, str, str], version: str
) -> None:
    read = read_purl(text)
    assert read is not None
    assert (read.identity, read.version) == (identity, version)
    assert "epoch" not in read.qualifiers


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pkg:",
        "pkg:deb",
        "PKG:deb/a",
        "deb/debian/a@1",
        "pkg:/a",
        "pkg:deb/debian/" + "a" * MAX_PURL,
    ],
)
def test_what_is_no_purl_is_none(text: str) -> None:
    assert read_purl(text) is None
    assert ecosystem_of(text) is None


def test_an_ecosystem_is_known_or_none() -> None:
    assert ecosystem_of("pkg:cargo/serde@1") is Ecosystem.CARGO
    assert ecosystem_of("pkg:swift/x/y@1") is None


@pytest.mark.parametrize(
    ("version", "epoch", "expected"),
    [
        ("1.0", "2", "2:1.0"),
        ("1.0", "0", "1.0"),
        ("1.0", "00", "1.0"),
        ("1.0", "", "1.0"),
        ("3:1.0", "2", "3:1.0"),
        ("", "2", ""),
        ("1.0", "-1", "1.0"),
        ("1.0", "x", "1.0"),
        ("1.0", "\u0662", "1.0"),
        ("1.0", "\xb2", "1.0"),
        ("1.0", "9" * 5000, "9" * 5000 + ":1.0"),  # more digits than int() reads
    ],
)
def test_an_epoch_goes_in_front_of_a_version_without_one(
    version: str, epoch: str, expected: str
) -> None:
    assert with_epoch(version, epoch) == expected


@pytest.mark.parametrize(
    ("stated", "found", "covers"),
    [
        ("pkg:deb/debian/a", "pkg:deb/debian/a@1?arch=amd64", True),
        ("pkg:deb/debian/a@1", "pkg:deb/debian/a@1?arch=amd64", True),
        ("pkg:deb/debian/a@2", "pkg:deb/debian/a@1", False),
        ("pkg:deb/debian/a@1?arch=arm64", "pkg:deb/debian/a@1?arch=amd64", False),
        ("pkg:deb/debian/a@1?arch=arm64", "pkg:deb/debian/a@1", False),
        ("pkg:deb/ubuntu/a@1", "pkg:deb/debian/a@1", False),
        ("pkg:golang/x/y@v1#sub", "pkg:golang/x/y@1#sub", True),
        ("pkg:golang/x/y@v1#sub", "pkg:golang/x/y@1", False),
        ("pkg:deb/debian/a?distro=debian-12", "pkg:deb/debian/a?distro=debian-12.8", True),
        ("pkg:deb/debian/a?distro=debian-12.8", "pkg:deb/debian/a?distro=debian-12", True),
        ("pkg:deb/debian/a?distro=bookworm", "pkg:deb/debian/a?distro=debian-12.8", True),
        ("pkg:deb/debian/a?distro=debian-1", "pkg:deb/debian/a?distro=debian-12", False),
        ("pkg:deb/debian/a?distro=trixie", "pkg:deb/debian/a?distro=debian-12", False),
        ("pkg:apk/alpine/a?distro=3.20", "pkg:apk/alpine/a?distro=alpine-3.20.3", True),
        ("pkg:deb/debian/a?distro=debian-12", "pkg:deb/debian/a", False),
    ],
)
def test_what_is_not_stated_does_not_matter(stated: str, found: str, covers: bool) -> None:
    one, other = read_purl(stated), read_purl(found)
    assert one is not None
    assert other is not None
    assert matches(one, other) is covers


@given(st.text(max_size=60).map(lambda text: f"pkg:{text}"))
def test_any_text_is_read_or_none_and_covers_itself(text: str) -> None:
    read = read_purl(text)
    assert read is None or matches(read, read)
