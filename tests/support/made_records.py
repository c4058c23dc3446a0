"""Records and packages that a test makes up, short."""

from careen.model.findings.advisory import (
    Advisory,
    AffectedPackage,
    AffectedRange,
    Event,
    EventKind,
    RangeKind,
    VendorStatus,
)
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath

_KINDS = {
    "+": EventKind.INTRODUCED,
    "-": EventKind.FIXED,
    "=": EventKind.LAST_AFFECTED,
    "<": EventKind.LIMIT,
}


def span(text: str, kind: RangeKind = RangeKind.ECOSYSTEM) -> AffectedRange:
    """`+0 -1.2 +2.0 =2.5`: introduced at 0, fixed in 1.2, introduced at 2.0, last affected 2.5; `<`
    is a limit.
    """
    return AffectedRange(kind, tuple(Event(_KINDS[word[0]], word[1:]) for word in text.split()))


def entry(
    ecosystem: str,
    name: str,
    *ranges: str,
    versions: tuple[str, ...] = (),
    status: VendorStatus = VendorStatus.AFFECTED,
) -> AffectedPackage:
    """One entry of `affected`."""
    return AffectedPackage(ecosystem, name, tuple(span(text) for text in ranges), versions, status)


def advisory(
    identifier: str,
    *affected: AffectedPackage,
    feed: str = "osv:test",
    aliases: tuple[str, ...] = (),
) -> Advisory:
    """One record."""
    return Advisory(identifier, feed, affected, aliases=aliases)


def package(
    ecosystem: Ecosystem,
    name: str,
    version: str,
    *,
    source: str = "",
    module: str = "",
    record: str = "/record",
) -> Package:
    """One installed package."""
    return Package(
        ecosystem,
        name,
        version,
        f"pkg:{ecosystem.value}/{name}@{version}",
        ImagePath(record),
        (),
        source=source,
        module=module,
    )


def inventory(
    *packages: Package,
    distribution: Distribution | None = None,
    owners: dict[str, tuple[str, ...]] | None = None,
) -> Inventory:
    """An inventory of these packages."""
    owned = {ImagePath(path): purls for path, purls in (owners or {}).items()}
    return Inventory({one.purl: one for one in packages}, owned, distribution=distribution)
