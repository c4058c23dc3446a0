"""No regular expression of careen takes more than linear time on a text made for it: images, feeds
and containers write such texts.
"""

from collections.abc import Callable
from functools import cache

import pytest

from careen.cryptography.signatures import signatures as of_cryptography
from careen.explore.import_names import imports_of
from careen.inventory.signatures import signatures
from careen.plan.scanners import imports
from tests.support.pattern_growth import growing, grows
from tests.support.pattern_sites import Site, compiled, held_by, made, written

pytestmark = pytest.mark.slow

PARTS = 8

MADE = {
    "catalog/globs.py: _pattern": "globs of catalog files, careen's and the user's",
    "cryptography/signatures.py: _module": "pumped below",
    "cryptography/signatures.py: _path": "pumped below",
    "drift/compare.py: __init__": "shell patterns of the user, which fnmatch writes without retries",
    "explore/import_names.py: _end_of_block": "one repetition at the start of a line",
    "inventory/java/groups.py: known_group": "careen's own table, on names of artifacts",
    "inventory/natives.py: _series": "begins with a NUL that nothing in it takes",
    "inventory/signatures.py: _bytes_pattern": "pumped below",
    "inventory/signatures.py: _signature": "pumped below",
    "patch/jars/maven.py: jar": "digits of a fixed number",
    "plan/scanners/compiled/imports.py: loose_names": "plain words",
    "plan/core/compiler_wrappers.py: _has": (
        "a plain word between two repetitions that end where others begin"
    ),
    "plan/mechanisms/by_rule/conditions.py: _tests": "a plain word",
    "plan/core/globs.py: _among_names": "globs of careen's rules",
    "plan/core/globs.py: any_of": "globs of careen's rules",
    "plan/core/globs.py: compile_glob": "globs of careen's rules and of the user",
    "plan/mechanisms/packages/private_programs.py: _is_named": "one escaped name",
    "plan/scanners/compiled/imports.py: names_below": (
        "a plain word that no dot or word precedes, and at most 12 parts"
    ),
    "plan/scanners/suite_names.py: _only_compared": "a plain word between ends of words",
    "repair/mentions.py: _pattern": "held by the module",
    "rewrite/patch_leftovers.py: _known": "globs of careen's own",
    "workload/reports.py: without_report_line": "a plain line",
}
"""Expressions that a function puts together: why each of them is linear in what an image says."""


@cache
def sites() -> list[Site]:
    known = (("signatures", signatures()), ("cryptography", of_cryptography()))
    held = [*compiled(), *(site for where, value in known for site in held_by(where, value))]
    there = {site.pattern for site in held}
    return [*held, *(site for site in written() if site.pattern not in there)]


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
    assert made() == set(MADE)


READERS: tuple[Callable[[bytes], object], ...] = (
    imports.imported,
    imports.dotted_literals,
    imports.beginnings,
    imports.configured,
    imports.literals,
    imports.started,
    imports.first_of_lists,
    imports.lines_of_shell,
    imports.looked_for,
    imports.shell_words,
    imports.handed_over,
    lambda source: imports.run_as_modules(source, in_lines=True),
    lambda source: imports.with_constants(source, {"a": "/x"}),
    lambda source: list(imports_of(source)),
)
WORDS = (
    *(
        b"import ",
        b"import\\\n",
        b"import a;",
        b"import_module(",
        b'Lazy("a", ',
        b"from a import (\n",
    ),
    *(
        b"if TYPE_CHECKING:\n",
        b'cmd = ["a", ',
        b"cmd",
        b'run(["git", ',
        b"args = [",
        b"commands = (",
        b'"a -b ',
    ),
    *(
        b"python -m ",
        b"command -v a\n",
        b"$a/",
        b"a=/b\n",
        b"${a:-/b}",
        b"a.",
        b"[",
        b"(",
        b"'",
        b"#",
        b" ",
        b"\n",
    ),
)


@pytest.mark.parametrize("word", WORDS)
def test_the_work_of_the_planning_readers_grows_with_the_text(word: bytes) -> None:
    def text(size: int) -> bytes:
        return b"subprocess " + word * (size // len(word))

    assert [reader for reader in READERS if grows(reader, text)] == []  # type: ignore[arg-type]
