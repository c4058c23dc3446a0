"""Globs of paths as Trivy and Grype read them (github.com/bmatcuk/doublestar)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careen.errors import InputError
from careen.triage.ignore.scope import Scope, check_scope, linear, path_pattern


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("usr/lib/x", "usr/lib/x", True),
        ("usr/lib", "usr/lib/x", False),
        ("usr/*/x", "usr/lib/x", True),
        ("usr/*/x", "usr/lib/a/x", False),
        ("usr/**/x", "usr/lib/a/x", True),
        ("usr/**/x", "usr/x", True),
        ("**/x", "x", True),
        ("**/x", "a/b/x", True),
        ("usr/**", "usr/a/b", True),
        ("**", "any/thing", True),
        ("?.jar", "a.jar", True),
        ("?.jar", "/.jar", False),
        ("[ab].jar", "b.jar", True),
        ("[!ab].jar", "b.jar", False),
        ("[^ab].jar", "c.jar", True),
        ("[a-c].jar", "b.jar", True),
        ("*.{jar,war}", "a.war", True),
        ("*.{jar,war}", "a.ear", False),
        (r"a\*", "a*", True),
        (r"a\*", "ab", False),
        ("a.b", "axb", False),
        ("a+(b)", "a+(b)", True),
    ],
)
def test_a_glob(glob: str, path: str, matches: bool) -> None:
    assert bool(linear(path_pattern(glob)).search(path)) is matches


@given(st.text(alphabet="ab/*?[]{},\\^!-.", max_size=30), st.text(alphabet="ab/.", max_size=20))
def test_any_glob_is_matched_or_refused(glob: str, path: str) -> None:
    try:
        linear(path_pattern(glob)).search(path)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 — either outcome is right


def test_a_condition_without_end_is_refused() -> None:
    assert check_scope(Scope(paths=("a" * 501,)), 500).startswith("a condition has at most 500")
    assert check_scope(Scope(purls=("pkg:pypi/torch",), name="a.*", paths=("**/x",)), 500) == ""
