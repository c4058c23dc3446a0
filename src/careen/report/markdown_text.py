"""Escaping of untrusted text for Markdown."""

import re

from careen.formats.printable import printable_line

_PUNCTUATION = re.compile(r"[\\`*_{}\[\]()#!|~>^$]|^[-+=]")
_JOINER = "\N{WORD JOINER}"
_CALLS = re.compile(r"(?<=[@#])(?=\w)|(?<=://)|(?<=www\.)", re.IGNORECASE)


def escaped(raw: str, limit: int = 300) -> str:
    """Return `raw` as one line of at most `limit` characters that GitHub shows literally.

    Markdown's punctuation is escaped, and `&` and `<` become entities. GitHub turns mentions
    (`@team`), references (`#12`) and URLs into links after parsing Markdown. An invisible word
    joiner prevents that.
    """
    line = printable_line(raw.encode("utf-8", "replace").decode("utf-8"))
    if len(line) > limit:
        line = line[: limit - 1] + "…"
    line = _CALLS.sub(_JOINER, line)
    line = line.replace("&", "&amp;").replace("<", "&lt;")
    return _PUNCTUATION.sub(r"\\\g<0>", line)
