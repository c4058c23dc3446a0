"""The index of an image's paths gives what the pattern of a glob means, however it looks for it."""

import pytest

from careen.plan.core.globs import PathIndex, compile_glob
from tests.support.trees import tree

PATHS = (
    *(
        "/usr/lib/libx.so.1",
        "/usr/lib/libx.so",
        "/usr/lib/libxy.a",
        "/opt/lib/libx.so.1.2",
        "/opt/x.so/readme",
        "/opt/odd\nname.so.3",
        "/opt/a/b/c.txt",
    ),
    *("/srv/[x]", "/srv/x", "/srv/xa", "/srv/b.so", "/a", "/b/a", "/b/so"),
)
ROOT = tree(dict.fromkeys(PATHS, ""))


@pytest.mark.parametrize(
    "glob",
    [
        "*.so*",
        "lib*.so.*",
        "lib?.so",
        "*",
        "?",
        "/**/*.so",
        "/opt/**/*.txt",
        "**/a",
        "a",
        "[!z]",
        "[!z]?",
        "[+-0]*",
        "x[!b]",
        "*[!z]*",
        "lib/*.so*",
        "**",
        "/b/**",
        "/**",
        "**/o*/**",
        "**/*/**",
        "*/**",
        "**/x*/**",
        "**/x[!b]/**",
        "opt[!z]a/**",
        "l?b/**/",
        "**/opt/**/*.txt",
        "**/b/*",
        "**/nothing/**/*",
        "/opt/**/c.txt",
        "/usr/l*/libx.so",
        "/b/**/a/",
        "/*/a",
        "/s[!x]v/x",
    ],
)
def test_the_index_finds_what_the_pattern_matches(glob: str) -> None:
    pattern = compile_glob(glob)
    assert PathIndex(ROOT).match(glob) == tuple(
        sorted(entry.path for entry in ROOT if pattern.fullmatch(entry.path))
    )


def test_examples() -> None:
    index = PathIndex(ROOT)
    assert index.match("*.so*") == (
        "/opt/lib/libx.so.1.2",
        "/opt/odd\nname.so.3",
        "/opt/x.so",
        "/srv/b.so",
        "/usr/lib/libx.so",
        "/usr/lib/libx.so.1",
    )
    assert index.match("x[!b]") == ("/srv/xa",)
