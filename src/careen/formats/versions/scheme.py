"""Version scheme: the order of one ecosystem's versions."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from careen.errors import InputError

MAX_VERSION = 256
"""Characters; the longest in real records has about 120. Parsing is quadratic in it at most."""

_SHOWN = 80
_CACHED = 32768  # versions per scheme; a scan of a big image compares about ten thousand
_TEXT = re.compile(r"[!-~]+")


class UnreadableVersionError(InputError):
    """A version that its ecosystem's scheme cannot read, so it has no place in the order."""


def shown(version: str) -> str:
    """Return a version as printable text, truncated to fit a line."""
    text = version if version.isprintable() else repr(version)[1:-1]
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class VersionScheme:
    """The order of one ecosystem's versions.

    `parse` returns an ordered value for printable ASCII, or raises ValueError. Parsed versions are
    cached. A version that is empty, longer than MAX_VERSION or not printable ASCII is unreadable.
    """

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse
        self._key = lru_cache(_CACHED)(self._read)

    def key(self, version: str) -> Any:
        """Return a value that sorts as the version does, or raise UnreadableVersionError."""
        # Checked before the cache: a few thousand keys of 100 kB each would fill the memory.
        if len(version) > MAX_VERSION:
            msg = (
                f"version {shown(version)!r} has {len(version)} characters; {self.name} versions"
                f" are read up to {MAX_VERSION}"
            )
            raise UnreadableVersionError(msg)
        return self._key(version)

    def compare(self, a: str, b: str) -> int:
        """Return -1, 0 or 1 if `a` is older than, equal to or newer than `b`.

        Raises UnreadableVersionError.
        """
        first, second = self.key(a), self.key(b)
        return int(first > second) - int(first < second)

    def place(self, installed: str, boundary: str) -> int:
        """Compare an installed version with an advisory's boundary (PyPI overrides this)."""
        return self.compare(installed, boundary)

    def same(self, installed: str, named: str) -> bool:
        """Return whether both versions are equal; an unreadable one equals only itself."""
        try:
            return bool(self.key(installed) == self.key(named))
        except UnreadableVersionError:
            return installed == named

    def boundary_key(self, boundary: str) -> Any:
        """Return the sort key of a boundary; a scheme may give one to an unreadable boundary."""
        return self.key(boundary)

    def _read(self, version: str) -> Any:
        text = version.strip()
        if _TEXT.fullmatch(text) is None:
            msg = (
                f"version {shown(version)!r} is not one that {self.name} knows: printable ASCII"
                " text is expected"
            )
            raise UnreadableVersionError(msg)
        try:
            return self._parse(text)
        except (ValueError, RecursionError) as error:
            msg = f"version {shown(version)!r} is not one that {self.name} knows"
            raise UnreadableVersionError(msg) from error
