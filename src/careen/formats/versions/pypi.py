"""Versions of Python packages, by PEP 440 as `packaging` reads it."""

import re
from typing import Any

from careen.formats.versions.scheme import UnreadableVersionError, VersionScheme

_RELEASE = re.compile(r"v?([0-9]{1,20}(?:\.[0-9]{1,20}){0,9})(?![0-9.!]|[-_][0-9])")


def parse(version: str) -> Any:
    """Return packaging's reading of a version."""
    from packaging.version import Version

    return Version(version)


def parse_public(version: str) -> Any:
    """Return packaging's reading of a version without its local label."""
    from packaging.version import Version

    return Version(Version(version).public)


class PythonScheme(VersionScheme):
    """PEP 440. `2.5.1+cpu` is a build of 2.5.1: a boundary without a local label means all builds,
    as PEP 440 has it for `==` and `<=`.

    Records have boundaries such as `2.6.0-NA`. What stands there is some version of release 2.6.0,
    so every version of another release has its place.
    """

    def __init__(self) -> None:
        super().__init__("PyPI", parse)
        self._public = VersionScheme("PyPI", parse_public)

    def place(self, installed: str, boundary: str) -> int:
        """Compare an installed version with a boundary, which may stand for all builds of a
        version, or be known by its release only.
        """
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
        """Return whether a listed version means the installed one, or a version that the installed
        one is a build of.
        """
        if "+" in installed and "+" not in named:
            return self._public.same(installed, named)
        return super().same(installed, named)

    def boundary_key(self, boundary: str) -> Any:
        """Return where a boundary sorts; one that cannot be read stands at its release."""
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
