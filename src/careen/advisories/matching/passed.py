"""Installed packages that records name without affecting them."""

from collections.abc import Iterable, Iterator

from careen.advisories.matching.distro import concerns_architecture, names_of, release_of
from careen.advisories.matching.evaluate import evaluate
from careen.advisories.matching.languages import family_of_package, name_of
from careen.advisories.matching.names import canonical, family_of
from careen.formats.versions import scheme_of
from careen.model.findings.advisory import Advisory
from careen.model.findings.finding_explanation import UnaffectedPackage
from careen.model.packages.package import Ecosystem, Inventory, Package

_DISTRIBUTION = frozenset({Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM})


def passed(
    inventory: Inventory, records: Iterable[Advisory], affected: frozenset[str]
) -> tuple[UnaffectedPackage, ...]:
    """Return what the records say of installed packages whose purls are not in `affected`."""
    listed = tuple(records)
    out: list[UnaffectedPackage] = []
    for purl, package in sorted(inventory.packages.items()):
        if purl not in affected:
            out.extend(
                UnaffectedPackage(purl, record.id, record.feed, says)
                for record in listed
                for says in _says(inventory, package, record)
            )
    return tuple(dict.fromkeys(out))


def _says(inventory: Inventory, package: Package, record: Advisory) -> Iterator[str]:
    if package.ecosystem in _DISTRIBUTION:
        release = release_of(inventory.distribution)
        if isinstance(release, str) or release.family.ecosystem is not package.ecosystem:
            return
        names = {named.name: named.version for named in names_of(package, release.family)}
        scheme = scheme_of(release.family.name)
        for entry in record.affected:
            if (
                entry.name in names
                and release.pocket(entry.ecosystem) is not None
                and concerns_architecture(entry, package)
            ):
                yield _word(record, evaluate(entry, names[entry.name], scheme).reason)
        return
    family = family_of_package(package)
    if not isinstance(family, str):
        return
    name = canonical(family, name_of(package))
    for entry in record.affected:
        if family_of(entry.ecosystem) == family and canonical(family, entry.name) == name:
            yield _word(record, evaluate(entry, package.version, scheme_of(family)).reason)


def _word(record: Advisory, reason: str) -> str:
    return f"withdrawn on {record.withdrawn[:10]}; {reason}" if record.withdrawn else reason
