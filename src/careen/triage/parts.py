"""Findings whose code is not in the part of a distribution that another one carries.

pip carries `pkg_resources` of setuptools, and an advisory may be about `setuptools.package_index`.
"""

from collections.abc import Iterable

from careen.formats.python_vendor_list import module_paths
from careen.model.findings.advisory import ImportedCode
from careen.model.findings.finding import Finding
from careen.model.findings.triage import Suppressed, Triaged
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.triage.affected import Modules
from careen.triage.applied import Applied
from careen.triage.packages import PackageIndex

BY_PARTS = "careen's inventory"
"""Who suppresses these findings; no VEX document and no file has this name."""


class Parts:
    """Embedded parts of distributions in one image."""

    def __init__(self, inventory: Inventory) -> None:
        self._alike: dict[tuple[str, str], list[Package]] = {}
        for package in inventory.packages.values():
            if package.ecosystem is Ecosystem.PYPI:
                self._alike.setdefault((package.name, package.version), []).append(package)

    def lacking(self, package: Package, finding: Finding) -> str:
        """Return why the code of a finding is not in the image; "" if that is not proven.

        Every package of the image with this name and version must be a part without that code: for
        a scanner they are one.
        """
        alike = self._alike.get((package.name, package.version), ())
        # Most findings name no code, and most distributions have one module.
        if not finding.code or len(module_paths(package.name)) == 1:
            return ""
        if all(each.purl != package.purl for each in alike):
            return ""
        if not all(_lacks(each, finding.code) for each in alike):
            return ""
        there = ", ".join(sorted({module for each in alike for module in each.modules}))
        named = "; ".join(
            f"{code.path} ({code.source or 'named by the advisory'})" for code in finding.code
        )
        return (
            f"of {package.name} {package.version}, {package.record} has {there} alone, and the"
            f" vulnerable code is {named}"
        )


def set_aside_parts(items: Iterable[Triaged], inventory: Inventory) -> Applied:
    """Suppress findings whose code is not in the embedded part."""
    parts, packages = Parts(inventory), PackageIndex(inventory)
    left: list[Triaged] = []
    suppressed: list[Suppressed] = []
    for item in items:
        package = packages.found(item.finding)
        why = "" if package is None else parts.lacking(package, item.finding)
        if why:
            reason = f"not affected: vulnerable code not present: {why}"
            suppressed.append(Suppressed(item, BY_PARTS, reason))
        else:
            left.append(item)
    return Applied(tuple(left), tuple(suppressed))


def _lacks(package: Package, codes: tuple[ImportedCode, ...]) -> bool:
    """Return whether a package is a part, and no file of it can be this code."""
    if package.presence is not Presence.EMBEDDED or not package.modules:
        return False
    missing = set(module_paths(package.name)) - set(package.modules)
    modules = Modules(package.files)
    return all(
        code.path.partition(".")[0] in missing and not modules.named(code.path) for code in codes
    )
