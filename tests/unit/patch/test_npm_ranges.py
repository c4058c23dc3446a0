"""npm's version ranges, as node-semver's documentation defines them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careen.patch.npm.ranges import MAX_RANGE, is_range, satisfies

RANGES: dict[str, tuple[str, str]] = {
    # range: (versions inside, versions outside)
    "1.2.3": ("1.2.3 1.2.3+build", "1.2.4 1.2.3-a 1.2"),
    "=v1.2.3": ("1.2.3", "1.2.4"),
    ">1.2.3": ("1.2.4 2.0.0", "1.2.3 1.2.4-a"),
    ">= 1.2.3 < 2": ("1.2.3 1.9.9", "2.0.0 2.0.0-a 1.2.2"),
    "<=1.2": ("1.2.9 0.0.1", "1.3.0"),
    "<1.2": ("1.1.9", "1.2.0 1.2.0-a"),
    ">1.2": ("1.3.0", "1.2.9"),
    ">1": ("2.0.0", "1.9.9"),
    "<=1": ("1.9.9", "2.0.0"),
    "1.x": ("1.0.0 1.9.9", "2.0.0 0.9.0"),
    "1.2.*": ("1.2.0 1.2.9", "1.3.0"),
    "1": ("1.0.0 1.9.0", "2.0.0"),
    "*": ("0.0.0 9.9.9", "1.0.0-a"),
    "": ("0.0.0 9.9.9", "1.0.0-a"),
    "x": ("1.0.0", "1.0.0-a"),
    "<x": ("", "0.0.0 1.0.0"),
    ">*": ("", "1.0.0"),
    ">=x": ("1.0.0", ""),
    "~1.2.3": ("1.2.3 1.2.9", "1.3.0 1.2.2 1.3.0-a"),
    "~>1.2": ("1.2.0", "1.3.0"),
    "~1": ("1.0.0 1.9.0", "2.0.0"),
    "~x": ("3.2.1", "3.2.1-a"),
    "~1.2.3-beta.2": ("1.2.3-beta.2 1.2.3-beta.10 1.2.9", "1.2.3-beta.1 1.2.4-beta.2"),
    "^1.2.3": ("1.2.3 1.9.0", "2.0.0 1.2.2 2.0.0-a"),
    "^0.2.3": ("0.2.3 0.2.9", "0.3.0"),
    "^0.0.3": ("0.0.3", "0.0.4"),
    "^0.0": ("0.0.0 0.0.9", "0.1.0"),
    "^0": ("0.0.0 0.9.0", "1.0.0"),
    "^0.0.x": ("0.0.9", "0.1.0"),
    "^x": ("4.5.6", ""),
    "^1.2.3-beta.2": ("1.2.3-beta.2 1.2.3 1.5.0", "1.2.4-beta.2 1.2.3-alpha"),
    "1.2 - 2.3": ("1.2.0 2.3.9", "2.4.0 1.1.9"),
    "1.2.3 - 2.3.4": ("1.2.3 2.3.4", "2.3.5"),
    "1.2.3 - 2": ("2.9.9", "3.0.0"),
    "1.0.0 || >=2.5.0 <3": ("1.0.0 2.5.0", "1.0.1 3.0.0 2.4.9"),
    "1 || *": ("5.0.0", "5.0.0-a"),
    "npm:other@^2": ("2.1.0", "3.0.0"),
    "npm:@scope/other@~1.1": ("1.1.9", "1.2.0"),
    "npm:other": ("9.0.0", "9.0.0-a"),
    "workspace:^1": ("1.5.0", "2.0.0"),
    "latest": ("1.0.0 7.0.0-a nonsense", ""),
}


@pytest.mark.parametrize("spec", RANGES)
def test_versions_inside_and_outside_of_a_range(spec: str) -> None:
    inside, outside = RANGES[spec]
    assert is_range(spec)
    assert [version for version in inside.split() if not satisfies(version, spec)] == []
    assert [version for version in outside.split() if satisfies(version, spec)] == []


@pytest.mark.parametrize(
    "spec",
    [
        "https://example.org/a.tgz",
        "git+ssh://git@example.org/a.git",
        "file:../a",
        "user/repository",
        "./a",
        ">=1.2.3.4",
        "1.2.3-a..b",
        "^1.2.3-.1",
        "1.0.0 - 1.2.3-a.",
        "1 || 1.2.3-.",
        "1 ||| 2",
        "1.2.3 -",
        "^^1",
        "9" * 17,
        "1 " * MAX_RANGE,
        "\x00",
    ],
)
def test_other_specifiers_are_no_range_and_allow_nothing(spec: str) -> None:
    assert not is_range(spec)
    assert not satisfies("1.2.3", spec)


@pytest.mark.parametrize("version", ["", "one", "1.2.3-", "1.2.3-a..b", "\x1b[31m"])
def test_what_is_no_version_satisfies_no_range(version: str) -> None:
    assert not satisfies(version, ">=0")


VERSIONS = st.builds("{}.{}.{}".format, *[st.integers(0, 3)] * 3)


@given(VERSIONS, VERSIONS)
def test_a_caret_lies_within_the_major_version_and_a_tilde_within_the_caret(
    base: str, version: str
) -> None:
    if satisfies(version, f"~{base}") and not base.startswith("0.0."):
        assert satisfies(version, f"^{base}")
    if satisfies(version, f"^{base}"):
        assert satisfies(version, f">={base}")
        assert version.split(".", maxsplit=1)[0] == base.split(".", maxsplit=1)[0]


@given(VERSIONS, VERSIONS, VERSIONS)
def test_a_hyphen_is_two_comparisons(low: str, high: str, version: str) -> None:
    assert satisfies(version, f"{low} - {high}") == satisfies(version, f">={low} <={high}")


@given(st.text(alphabet="0123456789.xX*<>=~^|- vab@:npm", max_size=30), VERSIONS)
def test_any_text_is_answered(spec: str, version: str) -> None:
    if satisfies(version, spec):
        assert is_range(spec)
