"""Names of commands that a source or a script composes: `[f"pdfto{kind}", path]`, `pdfto$1`."""

import re
from collections.abc import Iterable, Iterator

_MIN_FIXED = 4  # letters; fewer would name many commands
_MOST = 12  # commands of a family
_PART = rb"([\w.+-]{0,40})"
_AT_THE_START = re.compile(
    rb"[\[(]\s{0,80}(?:f[\"']"
    + _PART
    + rb"\{[^{}\"'\n]{1,60}\}"
    + _PART
    + rb"[\"']|`"
    + _PART
    + rb"\$\{[^{}`\n]{1,60}\}"
    + _PART
    + rb"`|[\"']"
    + _PART
    + rb"%s"
    + _PART
    + rb"[\"']|[\"']"
    + _PART
    + rb"[\"'][ \t]{0,20}\+)"
)
_IN_SHELL = re.compile(
    rb"(?:^|[;&|(]|\b(?:exec|then|do|else)[ \t])[ \t]{0,80}([A-Za-z][\w.+-]{1,40})"
    rb"\$(?:\w{1,40}|\{\w{1,40}\})([\w.+-]{0,40})(?=[ \t\r\n;|&]|\Z)",
    re.MULTILINE,
)


def composed_commands(text: bytes, known: Iterable[str], *, script: bool = False) -> frozenset[str]:
    """Return the known commands that a composed name can become.

    In a source, the name begins a list or the arguments of a call. A name with less than four fixed
    letters counts for nothing, and so does one that more than twelve commands fit.
    """
    out: set[str] = set()
    for first, last in sorted(set(_parts(text, script=script))):
        if len(first) + len(last) >= _MIN_FIXED:
            fitting = [
                item
                for item in known
                if len(item) > len(first) + len(last)
                and item.startswith(first)
                and item.endswith(last)
            ]
            out.update(fitting if len(fitting) <= _MOST else ())
    return frozenset(out)


def _parts(text: bytes, *, script: bool) -> Iterator[tuple[str, str]]:
    for found in (_IN_SHELL if script else _AT_THE_START).finditer(text):
        first, last = [item for item in (*found.groups(), b"") if item is not None][:2]
        yield first.decode("utf-8", "replace"), last.decode("utf-8", "replace")
