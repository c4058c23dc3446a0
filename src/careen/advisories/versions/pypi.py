"""Versions of Python packages, by PEP 440 as `packaging` reads it."""

from typing import Any

from careen.advisories.versions.scheme import VersionScheme


def parse(version: str) -> Any:
    """Return packaging's reading of a version."""
    from packaging.version import Version

    return Version(version)


def parse_public(version: str) -> Any:
    """Return packaging's reading of a version without its local label."""
    from packaging.version import Version

    return Version(Version(version).public)


class PythonScheme(VersionScheme):
    """PEP 440. `2.5.1+cpu` is a build of 2.5.1: a boundary without a local label means all builds, as PEP 440 has it for `==` and `<=`."""

    def __init__(self) -> None:
        super().__init__("PyPI", parse)
        self._public = VersionScheme("PyPI", parse_public)

    def place(self, installed: str, boundary: str) -> int:
        if "+" in installed and "+" not in boundary:
            return self._public.compare(installed, boundary)
        return self.compare(installed, boundary)


PYPI = PythonScheme()
