"""No regular expression of careen takes more than linear time on a text made for it: images, feeds and containers write such texts."""

import pytest

from tests.support.pattern_growth import growing
from tests.support.pattern_sites import Site, compiled, made, written

PARTS = 8

MADE = {
    "engines/": "",
}


def sites() -> list[Site]:
    held = compiled()
    known = {site.pattern for site in held}
    return [*held, *(site for site in written() if site.pattern not in known)]


@pytest.mark.parametrize("part", range(PARTS))
def test_the_work_grows_with_the_text(part: int) -> None:
    found = sites()
    assert len(found) > 500
    assert [growth for site in found[part::PARTS] if (growth := growing(site)) is not None] == []


QUADRATIC = (
    (rb"(?:cmd|command)\w*[ \t]*=[ \t]*[\"'](\w{1,50})", "finditer"),
    (r"\s*([\w-]+)\s*=\s*(.*?)\s*\Z", "match"),
    (r"[^\s:]*: %\w+\([^)]{1,300}\) scriptlet failed.*", "search"),
    (r"\bpackage \S+ .*\b(?:requires|conflicts with)\b", "search"),
    (r"(?m)^\s*#.*$", "sub"),
    (r"(?:a|a)*b", "match"),
    (r"\{[^{}]*(?:path|file)[^{}]*\}\Z", "search"),
)
LINEAR = (
    (rb"(?:cmd|command)\w{0,100}[ \t]*+=[ \t]*+[\"'](\w{1,50})", "finditer"),
    (r"(?<![^\s:])[^\s:]*+: %\w+\([^)]{1,300}\) scriptlet failed.*", "search"),
    (r"(?m)^[^\S\n]*+#.*$", "sub"),
    (r"\"([^\"]{1,1000})\"", "finditer"),
    (r".*b", "match"),
)


@pytest.mark.parametrize(("pattern", "method"), QUADRATIC)
def test_what_grows_faster_is_found(pattern: str | bytes, method: str) -> None:
    assert growing(Site("here", pattern, 0, frozenset({method}))) is not None


@pytest.mark.parametrize(("pattern", "method"), LINEAR)
def test_what_is_linear_is_not(pattern: str | bytes, method: str) -> None:
    assert growing(Site("here", pattern, 0, frozenset({method}))) is None


def test_expressions_that_functions_put_together_are_known() -> None:
    assert made() == MADE
