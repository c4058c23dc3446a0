"""Lookup of the package that a finding is about."""

from collections.abc import Mapping
from dataclasses import replace

from careen.model.findings.finding import Finding
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.paths import ROOT
from careen.triage.evidence import package_key

_ECOSYSTEMS: Mapping[str, Ecosystem] = {ecosystem.value: ecosystem for ecosystem in Ecosystem}


class PackageIndex:
    """Packages of an inventory by purl: exact, else same type, name and version.

    With `foreign` the findings are another tool's. Its purl may mean any installation of that
    version, so all of them are combined.
    """

    def __init__(self, inventory: Inventory, *, foreign: bool = False) -> None:
        self._known = {} if foreign else dict(inventory.packages)
        self._alike: dict[object, list[Package]] = {}
        for purl, package in inventory.packages.items():
            self._alike.setdefault(package_key(purl), []).append(package)

    def found(self, finding: Finding) -> Package | None:
        """Return the package, or None if the inventory lacks it."""
        known = self._known.get(finding.package)
        if known is not None:
            return known
        alike = self._alike.get(package_key(finding.package), ())
        if not alike:
            return None
        if len(alike) == 1:
            return alike[0]
        joined = replace(
            alike[0],
            purl=finding.package,
            presence=Presence.EMBEDDED
            if any(package.presence is Presence.EMBEDDED for package in alike)
            else Presence.INSTALLED,
            files=tuple(dict.fromkeys(path for package in alike for path in package.files)),
            metadata=tuple(dict.fromkeys(path for package in alike for path in package.metadata)),
            licences=tuple(dict.fromkeys(path for package in alike for path in package.licences)),
        )
        self._known[finding.package] = joined
        return joined

    def of(self, finding: Finding) -> Package:
        """Return the package; if the inventory lacks it, one with its name and no files."""
        found = self.found(finding)
        if found is None:
            kind = finding.package.removeprefix("pkg:").partition("/")[0]
            found = Package(
                _ECOSYSTEMS.get(kind, Ecosystem.GENERIC),
                finding.name,
                finding.version,
                finding.package,
                ROOT,
                (),
            )
        return found
