"""What can be asked, and the one line for what cannot."""

import pytest

from careen.errors import InputError
from careen.fleet.ask.globs import literal_name, matcher
from careen.fleet.ask.what import FileDigest, PackageRange, Vulnerability, read_glob, read_what


def test_the_forms_of_a_question() -> None:
    assert read_what("CVE-2021-44228") == Vulnerability("CVE-2021-44228")
    assert read_what("GHSA-jfh8-c2jp-5v3q") == Vulnerability("GHSA-jfh8-c2jp-5v3q")
    assert read_what("sha256:" + "A" * 64) == FileDigest("a" * 64)
    found = read_what("pkg:maven/org.apache.logging.log4j/log4j-core >= 2.0 , <2.17.1")
    assert isinstance(found, PackageRange)
    assert found.bounds == ((">=", "2.0"), ("<", "2.17.1"))
    assert [found.has(one) for one in ("1.9", "2.0", "2.17.0", "2.17.1")] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("purl", "inside", "outside"),
    [
        ("pkg:deb/debian/openssl<3.0.11-1~deb12u2", "3.0.11-1~deb12u1", "3.0.11-1~deb12u2"),
        ("pkg:deb/debian/openssl@3.0.11-1~deb12u2", "3.0.11-1~deb12u2", "3.0.11-1"),
        ("pkg:rpm/fedora/x@1.0^git1-2", "1.0^git1-2", "1.0-2"),
        ("pkg:npm/@scope/thing@1.0.0", "1.0.0", "1.0.1"),
        ("pkg:npm/@scope/thing<1.0.0", "1.0.0-rc.1", "1.0.0"),
        ("pkg:pypi/torch@2.5.1", "2.5.1+cpu", "2.5.2"),
        ("pkg:pypi/torch<2!1.0,>=1!0", "1!3", "2!1.0"),
        ("pkg:golang/github.com/a/b!=v1.2.3", "v1.2.4", "v1.2.3"),
        ("pkg:generic/python@3.11.7", "3.11.7", "3.11.8"),
    ],
)
def test_versions_are_in_the_order_of_their_ecosystem(purl: str, inside: str, outside: str) -> None:
    found = read_what(purl)
    assert isinstance(found, PackageRange)
    assert (found.has(inside), found.has(outside)) == (True, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("log4j", "expected a package URL"),
        ("", "expected a package URL"),
        ("pkg:maven", "not a package URL"),
        ("pkg:gem/rails", "has no packages of the type 'gem'"),
        ("pkg:deb/debian/openssl?arch=amd64", "leave them out"),
        ("pkg:pypi/torch<", "no bound of a range"),
        ("pkg:pypi/torch<2,,>1", "no bound of a range"),
        ("pkg:pypi/torch<not a version", "no bound of a range"),
        ("pkg:pypi/torch<latest", "is not one that"),
        ("pkg:generic/python<3.12", "have no order"),
        ("pkg:pypi/urllib3~=1.26", "'~' is not in names"),
        ("pkg:pypi/urllib3^1", r"'\^' is not in names"),
        ("pkg:pypi/urllib3 1.26", "' ' is not in names"),
        ("pkg:pypi/urllib*", r"'\*' is not in names"),
        ("pkg:npm/x@^1.2", r"'\^' is not in names"),
        ("pkg:npm/@scope/x@1 || 2", "' ' is not in names"),
        ("pkg:maven/a.b/c@[1.0,2.0)", r"'\[' is not in names"),
        ("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1,<3", "',' is not in names"),
        ("pkg:deb/debian/openssl@1.1,<3", "',' is not in names"),
        ("'; DROP TABLE image; --", "expected a package URL"),
        ("pkg:pypi/" + "a" * 5000, "not a package URL"),
    ],
)
def test_what_is_no_question_is_one_clear_line(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as failed:
        read_what(text)
    assert "\n" not in str(failed.value)
    assert len(str(failed.value)) < 600


@pytest.mark.parametrize("glob", ["", "log4j.jar", "a/**", "/" + "x" * 5000])
def test_a_glob_begins_with_a_slash_or_a_star(glob: str) -> None:
    with pytest.raises(InputError, match="--file"):
        read_glob(glob)


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("**/log4j-core-*.jar", "/opt/a/log4j-core-2.jar", True),
        ("**/log4j-core-*.jar", "/log4j-core-2.jar", True),
        ("**/log4j-core-*.jar", "/opt/xlog4j-core-2.jar", False),
        ("/opt/*.jar", "/opt/a/b.jar", False),
        ("/opt/**/b.jar", "/opt/b.jar", True),
        ("/opt/**", "/opt/a/\udcff", True),
        ("/a?c", "/a/c", False),
        ("/a[b]", "/a[b]", True),
        ("/a.c", "/abc", False),
    ],
)
def test_globs_match_paths(glob: str, path: str, *, fits: bool) -> None:
    assert matcher(glob)(path.encode("utf-8", "surrogateescape")) is fits


def test_the_beginning_of_a_file_name_is_known_before_any_match() -> None:
    assert literal_name("**/log4j-core-*.jar") == ("log4j-core-", False)
    assert literal_name("/a/b.jar") == ("b.jar", True)
    assert literal_name("/a/**") == ("", False)
    assert literal_name("/a/x**y") == ("", False)
