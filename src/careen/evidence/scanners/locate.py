"""Matching of foreign findings to installed packages.

Tools spell purls differently, so their parts are compared.
"""

import re

from careen.model.findings.finding import Finding
from careen.model.packages.package import Inventory
from careen.model.packages.purls import Purl, read_purl

_SYSTEM = frozenset({"deb", "apk", "rpm"})
_SEPARATORS = re.compile(r"[-_.]+")


class Locator:
    """Index of an inventory for many lookups."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._by_parts: dict[tuple[str, str, str, str], list[tuple[str, Purl]]] = {}
        self._by_name: dict[tuple[str, str], list[str]] = {}
        for text, package in inventory.packages.items():
            read = read_purl(text)
            if read is not None:
                self._by_parts.setdefault(_parts(read), []).append((text, read))
            self._by_name.setdefault((_plain(package.name), package.version), []).append(text)

    def locate(self, finding: Finding) -> str | None:
        """Return the purl of the installed package, or None if it is missing or ambiguous.

        Type, name and version must be equal, and the namespace outside distribution packages. The
        finding's architecture, if stated, must match. A finding without a purl is looked up by name
        and version in all ecosystems.
        """
        if finding.package in self._inventory.packages:
            return finding.package
        read = read_purl(finding.package)
        if read is None:
            named = (
                self._by_name.get((_plain(finding.name), finding.version), ())
                if finding.name and finding.version
                else ()
            )
            return named[0] if len(named) == 1 else None
        found = self._by_parts.get(_parts(read), ())
        same = [
            text
            for text, other in found
            if read.qualifiers.get("arch", "") in {"", other.qualifiers.get("arch", "")}
        ]
        return same[0] if len(same) == 1 else None


def locate(finding: Finding, inventory: Inventory) -> str | None:
    """Return the purl of a finding's installed package, or None (see `Locator`)."""
    return Locator(inventory).locate(finding)


def _parts(read: Purl) -> tuple[str, str, str, str]:
    return read.type, "" if read.type in _SYSTEM else read.namespace, read.name, read.version


def _plain(name: str) -> str:
    return _SEPARATORS.sub("-", name).lower()
