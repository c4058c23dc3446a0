"""Versions of Python packages, by PEP 440 as `packaging` reads it."""

import re
from typing import Any

from careen.formats.versions.scheme import UnreadableVersionError, VersionScheme

_RELEASE = re.compile(r"v?([0-9]{1,20}(?:\.[0-9]{1,20}){0,9})(?![0-9.!]|[-_][0-9])")


def parse(version: str) -> Any:
    """Return the version as `packaging` parses it."""
    from packaging.version import Version

    return Version(version)


def parse_public(version: str) -> Any:
    """Return the version as `packaging` parses it, without its local label."""
    from packaging.version import Version

    return Version(Version(version).public)


class PythonScheme(VersionScheme):
    """PEP 440: a boundary without a local label means all builds, as `==` and `<=` do.

    `2.5.1+cpu` is a build of 2.5.1. A boundary such as `2.6.0-NA` stands for some version of
    release 2.6.0, so versions of other releases can be compared with it.
    """

    def __init__(self) -> None:
        super().__init__("PyPI", parse)
        self._public = VersionScheme("PyPI", parse_public)

    def place(self, installed: str, boundary: str) -> int:
        """Compare an installed version with a boundary; `2.6.0-NA` is known only by its release."""
        if "+" in installed and "+" not in boundary:
            installed = str(self._public.key(installed))
        version = self.key(installed)
        try:
            return self.compare(installed, boundary)
        except UnreadableVersionError:
            release = self._release(boundary)
            if release is None or parse(version.base_version) == release:
                raise
            return int(version > release) - int(version < release)

    def same(self, installed: str, named: str) -> bool:
        """Return whether a listed version is the installed one or the base version of its build."""
        if "+" in installed and "+" not in named:
            return self._public.same(installed, named)
        return super().same(installed, named)

    def boundary_key(self, boundary: str) -> Any:
        """Return the sort key of a boundary; an unreadable one sorts at its release."""
        try:
            return self.key(boundary)
        except UnreadableVersionError:
            release = self._release(boundary)
            if release is None:
                raise
            return release

    def _release(self, boundary: str) -> Any:
        read = _RELEASE.match(boundary)
        return None if read is None else parse(str(parse(read[1]).base_version))


PYPI = PythonScheme()
