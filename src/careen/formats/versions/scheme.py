"""What a version scheme is: an order of the versions of one ecosystem."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from careen.errors import InputError

MAX_VERSION = 256
"""Characters of a version that are read. The longest in real records has some 120; parsing takes at
most the square of this, whatever the scheme.
"""

_SHOWN = 80
_CACHED = 32768  # versions per scheme; a scan of a big image compares some ten thousand
_TEXT = re.compile(r"[!-~]+")


class UnreadableVersionError(InputError):
    """A version that its ecosystem's scheme cannot read: nothing is known about where it stands in
    the order.
    """


def shown(version: str) -> str:
    """Return a version as it may stand in a line for people: printable, and not longer than a
    line.
    """
    text = version if version.isprintable() else repr(version)[1:-1]
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class VersionScheme:
    """The order of one ecosystem's versions.

    `parse` turns a version of printable ASCII into something with an order, or raises ValueError.
    Parsed versions are remembered, as one advisory's boundary is asked for by many packages.
    Anything longer than MAX_VERSION, empty, or not printable ASCII is unreadable in every scheme.
    """

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse
        self._key = lru_cache(_CACHED)(self._read)

    def key(self, version: str) -> Any:
        """Return a value that sorts as the version does; raise UnreadableVersionError."""
        if (
            len(version) > MAX_VERSION
        ):  # before it becomes a key of the cache: a few thousand of 100 kB each would fill memory
            msg = (
                f"version {shown(version)!r} has {len(version)} characters; {self.name} versions"
                f" are read up to {MAX_VERSION}"
            )
            raise UnreadableVersionError(msg)
        return self._key(version)

    def compare(self, a: str, b: str) -> int:
        """Return -1, 0 or 1 as `a` is older than, the same as, or newer than `b`; raise
        UnreadableVersionError.
        """
        first, second = self.key(a), self.key(b)
        return int(first > second) - int(first < second)

    def place(self, installed: str, boundary: str) -> int:
        """Compare an installed version with a boundary of an advisory; as `compare`, but where a
        scheme has builds of a version (PyPI's local versions).
        """
        return self.compare(installed, boundary)

    def same(self, installed: str, named: str) -> bool:
        """Return whether a record that names one version means the installed one; what cannot be
        read is only the same as itself.
        """
        try:
            return bool(self.key(installed) == self.key(named))
        except UnreadableVersionError:
            return installed == named

    def boundary_key(self, boundary: str) -> Any:
        """Return where a boundary of an advisory sorts among others; as `key`, but where a scheme
        can tell that of one it cannot read as a whole.
        """
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
