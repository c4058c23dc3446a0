"""Absolute paths in `/usr/share` and `/etc/fonts` that a text or a program names."""

import re
from collections.abc import Iterator

from careen.plan.scanners.source import may_mention

_PATH = re.compile(
    rb"/(?<![\w.$}>~-]/)(?:usr/(?:local/)?share/[\w+-][\w.+-]{0,100}(?:/[\w.+@~-]{1,200}){0,30}|etc/fonts\b)"
)
_FONTS = b"/etc/fonts"
_BEGINNINGS = (b"/usr/share/", b"/usr/local/share/", _FONTS)
_SHARED, _ABOVE_SHARED = b"/share/", (b"/usr", b"/usr/local")


def data_paths_of_program(data: bytes | bytearray, end: int) -> Iterator[bytes]:
    """Yield the data paths before `end` in bytes of a program; some come twice."""
    # Two searches find what the three beginnings have in common.
    at = data.find(_SHARED, 0, end)
    while at >= 0:
        for above in _ABOVE_SHARED:
            start = at - len(above)
            if data.startswith(above, max(0, start), at) and (
                match := _PATH.match(data, start, end)
            ):
                yield match.group()
        at = data.find(_SHARED, at + len(_SHARED) - 1, end)
    at = data.find(_FONTS, 0, end)
    while at >= 0:
        if match := _PATH.match(data, at, end):
            yield match.group()
        at = data.find(_FONTS, at + len(_FONTS), end)


def data_paths(data: bytes) -> Iterator[bytes]:
    """Yield the data paths in some bytes; some come twice."""
    for beginning in _BEGINNINGS:
        at = data.find(beginning) if may_mention(data, beginning) else -1
        while at >= 0:
            if match := _PATH.match(data, at):
                yield match.group()
            at = data.find(beginning, at + len(beginning))
