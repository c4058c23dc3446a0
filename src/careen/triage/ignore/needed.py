"""Whether an entry of an allow-list that names no finding of an image is needed no longer.

Missing data never removes an entry: all packages of the image must be known, the database must know
the vulnerability, and each installed package that the entry is about must have been compared and
found not affected.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from careen.model.findings.advisory import Advisory, Severity, VendorStatus
from careen.model.findings.finding import Finding, Uncovered
from careen.model.findings.finding_explanation import UnaffectedPackage
from careen.model.packages.package import Inventory, Package
from careen.triage.ignore.matching import names_package
from careen.triage.ignore.rule import ANY, Rule

_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Need:
    """Whether an entry is still needed, and why; `needless` is False if that is not known."""

    needless: bool
    why: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What the database says of an entry's vulnerability and packages.

    `records` are those of its identifier, `passed` what they say of installed packages that they do
    not affect. `uncovered` are its packages whose ecosystem or release has no feed. `unread` says
    why other packages may be in the image (`unread_of`).
    """

    records: Sequence[Advisory] = ()
    passed: Sequence[UnaffectedPackage] = ()
    uncovered: Sequence[Uncovered] = ()
    unread: str = ""


def packages_of(rule: Rule, inventory: Inventory) -> Inventory:
    """Return the inventory with only the packages that an entry names."""
    named = {
        purl: package for purl, package in inventory.packages.items() if _is_about(rule, package)
    }
    return replace(inventory, packages=named)


def unread_of(inventory: Inventory) -> str:
    """Return why an image may have packages that the inventory lacks, "" if nothing says so."""
    places = len(inventory.unknowns)
    if places:
        noun = "place" if places == 1 else "places"
        return f"{places:,} {noun} in the image could not be read ({inventory.unknowns[0].path})"
    return "" if inventory.packages else "no package was found in the image"


def need_of(rule: Rule, about: Sequence[Package], compared: Compared) -> Need:
    """Judge an entry that names no finding; `about` are the packages that it names."""
    found = _need(rule, about, compared)
    if found.needless and compared.unread:
        return Need(needless=False, why=f"not known: {compared.unread}")
    return found


def _need(rule: Rule, about: Sequence[Package], compared: Compared) -> Need:
    records = compared.records
    if not about:
        return Need(needless=True, why="no package that it names is in the image")
    if rule.identifier == ANY:
        return Need(needless=False, why="no finding of its packages is known at present")
    if not records:
        return Need(needless=False, why="not known: the database has no record of it")
    if compared.uncovered:
        gap = compared.uncovered[0]
        why = f"not known: packages of {gap.what} were not compared: {gap.reason}"
        return Need(needless=False, why=why)
    names = {_plain(entry.name) for record in records for entry in record.affected}
    named = [package for package in about if not names.isdisjoint(_names(package))]
    if not named:
        listed = sorted({entry.name for record in records for entry in record.affected})
        more = " …" if len(listed) > _MOST_NAMES else ""
        affected = f"{', '.join(listed[:_MOST_NAMES])}{more}"
        return Need(needless=True, why=f"no package that it affects is in the image ({affected})")
    says = {one.purl: one for one in compared.passed}
    open_ = next((package for package in named if package.purl not in says), None)
    if open_ is not None:
        why = f"not known: {open_.name} {open_.version} was not compared with its records"
        return Need(needless=False, why=why)
    first = named[0]
    return Need(
        needless=True,
        why=f"{first.name} {first.version} is not affected: {says[first.purl].says}",
    )


def _is_about(rule: Rule, package: Package) -> bool:
    """Return whether an entry names a package, whatever the vulnerability."""
    if not names_package(rule.package, package.name, package.purl):
        return False
    if rule.scope is None:
        return True
    # The state of a fix is a finding's, not a package's.
    return replace(rule.scope, fix="").holds(_nothing_about(package), package)


def _nothing_about(package: Package) -> Finding:
    """Return a finding without content, to ask a scope about its package."""
    return Finding(
        "",
        (),
        package.purl,
        package.name,
        package.version,
        (),
        VendorStatus.AFFECTED,
        (),
        Severity.UNKNOWN,
        "",
    )


def _names(package: Package) -> set[str]:
    return {_plain(name) for name in (package.name, package.source) if name}


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
