"""Ranges of versions in `vers:` notation: what is in them, and which ones hold nothing."""

import pytest

from careen.formats.versions.vers import in_range


def inside(stated: str, *versions: str) -> list[str]:
    return [version for version in versions if in_range(stated, version)]


@pytest.mark.parametrize(
    ("constraints", "expected"),
    [
        ("*", "1 2 3 4 5"),
        ("3", "3"),
        ("=3|5", "3 5"),
        ("!=3", "1 2 4 5"),
        ("<3", "1 2"),
        ("<=3", "1 2 3"),
        (">3", "4 5"),
        (">=3", "3 4 5"),
        (">=2|<4", "2 3"),
        ("<4|>=2", "2 3"),  # the order of versions counts, not that of the text
        (">1|<=3|5", "2 3 5"),
        (">=1|!=3|<=4", "1 2 4"),
        ("<2|>4", "1 5"),
        ("<=1|>=3|<4|>4.5", "1 3 5"),
        ("|3|", "3"),
        (" >= 2 | < 4 ", "2 3"),
        ("%33", "3"),
    ],
)
def test_what_is_in_a_range(constraints: str, expected: str) -> None:
    assert inside(f"vers:pypi/{constraints}", *"12345") == expected.split()


@pytest.mark.parametrize(
    "stated",
    [
        "",
        "1",
        "vers:",
        "vers:pypi",
        "vers:pypi/",
        "vers:pypi/|",
        "vers:pypi/1||2",
        "vers:pypi/>>1",
        "vers:pypi/=>1",
        "vers:pypi/1,<2",
        "vers:pypi/>=",
        "vers:pypi/*|1",
        "vers:pypi/1|no version",
        "vers:pypi/1|" + "1" * 300,
        "vers:pypi/1|é",
        "vers:pypi/1|%00",
        "vers:none/*",
        "vers:none/1",
        "vers:pypi/<=1|<=2",  # two upper bounds in a row: which one is meant?
        "vers:pypi/>=0|>=1",
        "vers:pypi/<2|>=2.0",  # one version twice
        "vers:pypi/!=2|!=3",
        "vers:pypi/1|!=1",
    ],
)
def test_a_range_that_cannot_be_read_holds_nothing(stated: str) -> None:
    assert not in_range(stated, "1")


def test_a_version_that_cannot_be_read_is_in_no_range_with_bounds() -> None:
    assert inside("vers:pypi/>=1", "", "no version", "1" * 300, "1\n2", "é") == []


def test_the_order_is_that_of_the_type() -> None:
    assert inside("vers:deb/<1.0-1", "1.0~rc1-1", "1.0-1", "1:0.1-1") == ["1.0~rc1-1"]
    assert inside("vers:apk/<=1.0-r0", "1.0_rc1-r0", "1.0-r0", "1.0_p1-r0") == [
        "1.0_rc1-r0",
        "1.0-r0",
    ]
    assert inside("vers:rpm/<1.0-1", "1.0~rc1-1", "1.0^git-1", "1:0.1-1") == ["1.0~rc1-1"]
    assert inside("VERS:Maven/<1.0", "1-rc1", "1", "1-sp") == ["1-rc1"]
    assert inside("vers:npm/<1.10.0", "1.9.0", "1.10.0-rc.1", "1.10.0") == ["1.9.0", "1.10.0-rc.1"]
    assert inside("vers:golang/<1.21", "go1.21rc2", "go1.21", "v1.20.3") == ["go1.21rc2", "v1.20.3"]


def test_an_epoch_needs_no_escape() -> None:
    assert inside("vers:pypi/>=1!0.1", "9.0", "1!0.2") == ["1!0.2"]
    assert inside("vers:deb/1%3A1.0-1", "1:1.0-1", "1.0-1") == ["1:1.0-1"]


def test_a_bound_without_a_local_label_means_all_builds() -> None:
    assert inside("vers:pypi/<=2.5.1", "2.5.1+cpu", "2.5.2") == ["2.5.1+cpu"]
    assert inside("vers:pypi/>2.5.1", "2.5.1+cpu", "2.5.2") == ["2.5.2"]


def test_a_type_without_an_order_has_exact_versions_only() -> None:
    assert inside("vers:gem/1.0|2.0", "1.0", "1.0.0", "2.0") == ["1.0", "2.0"]
    assert inside("vers:gem/1.0|<2.0", "1.0") == []
    assert inside("vers:gem/*", "1.0") == ["1.0"]
