"""Absolute paths in `/usr/share` and `/etc/fonts` that a text or a program names."""

import re
from collections.abc import Iterator

from careen.plan.scanners.source import may_mention

_PATH = re.compile(
    rb"/(?<![\w.$}>~-]/)(?:usr/(?:local/)?share/[\w+-][\w.+-]{0,100}(?:/[\w.+@~-]{1,200}){0,30}|etc/fonts\b)"
)
_BEGINNINGS = (b"/usr/share/", b"/usr/local/share/", b"/etc/fonts")


def data_paths(data: bytes) -> Iterator[bytes]:
    """Yield the data paths in some bytes; some come twice."""
    for beginning in _BEGINNINGS:
        at = data.find(beginning) if may_mention(data, beginning) else -1
        while at >= 0:
            if match := _PATH.match(data, at):
                yield match.group()
            at = data.find(beginning, at + len(beginning))
