"""Globs of paths, over google-re2: whatever the glob, a match takes linear time."""

import re
from collections.abc import Callable

_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_WILD = {
    "**/": "(?:.*/)?",
    "**": ".*",
    "*": "[^/]*",
    "?": "[^/]",
}


def literal_name(glob: str) -> tuple[str, bool]:
    """Return how the file name of every match begins, and whether that is the whole name."""
    last = glob.rpartition("/")[2]
    if "**" in last:
        return "", False  # it may cover slashes
    start = re.match(r"[^*?]*", last)
    begins = "" if start is None else start[0]
    return begins, begins == last


def matcher(glob: str) -> Callable[[bytes], bool]:
    """Return whether a path matches: `*` and `?` stay within a name, `**` does not.

    `**/` also matches no folder at all. There is no escape, and no brackets. `?` is one byte.
    """
    import re2  # type: ignore[import-untyped]

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.dot_nl = True
    options.log_errors = False
    text = "".join(_WILD.get(part) or re2.escape(part) for part in _PARTS.findall(glob))
    pattern = re2.compile(text.encode("utf-8", "surrogateescape"), options)
    return lambda path: pattern.fullmatch(path) is not None
