"""Globs of catalog files over paths: `*` and `?` within a component, `**` any components."""

import re
from collections.abc import Sequence
from functools import lru_cache


@lru_cache(512)
def _pattern(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_translated, globs)) or r"(?!)", re.DOTALL)


def matches(globs: Sequence[str], path: str) -> bool:
    """Return whether any glob matches a path; `/x/**` also matches `/x`."""
    return _pattern(tuple(globs)).fullmatch(path) is not None


def _translated(glob: str) -> str:
    out = ""
    for part in glob.strip("/").split("/"):
        if part == "**":
            out += "(?:/[^/]+)*"
        else:
            escaped = re.escape(part).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
            out += f"/{escaped}"
    return f"(?:{out})"
