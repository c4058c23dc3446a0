"""Images of which a vulnerability is not known: the database cannot compare their packages."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from careen.advisories.database.store import Store
from careen.advisories.matching.coverage import Coverage
from careen.advisories.matching.distro import release_of
from careen.advisories.matching.languages import FAMILIES
from careen.advisories.matching.match import match
from careen.advisories.remembered import CachedSource
from careen.fleet.ask.answer import Matches
from careen.fleet.store.reader import FoundPackage, Place, Reader
from careen.formats.printable import printable_line
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Inventory


def distribution_of(stored: str) -> Distribution | None:
    """Return the distribution of a stored image, None if its inventory names none."""
    if not stored:
        return None
    name, version, codename, like, pretty, path = json.loads(stored)
    return Distribution(name, version, codename, tuple(like), pretty, path)


def mark_distributions(matches: Matches, distributions: Mapping[int, str], store: Store) -> None:
    """Mark the images whose distribution no feed speaks about."""
    coverage = Coverage(store.feeds())
    reasons: dict[str, str] = {}
    for stored in set(distributions.values()):
        distribution = distribution_of(stored)
        if distribution is None:
            continue
        release = release_of(distribution)
        reason = release if isinstance(release, str) else coverage.lacks(release)
        if reason is not None:
            reasons[stored] = f"its distribution is not compared: {printable_line(reason)}"
    matches.unclear.update(
        {image: reasons[stored] for image, stored in distributions.items() if stored in reasons}
    )


def missing_feeds(store: Store) -> list[str]:
    """Return which language ecosystems no feed speaks about, in words."""
    coverage = Coverage(store.feeds())
    return [reason for family in FAMILIES.values() if (reason := coverage.lacks(family))]


def mark_uncompared(
    matches: Matches,
    places: Iterable[Place],
    named: Mapping[int, FoundPackage],
    reader: Reader,
    store: Store,
) -> None:
    """Mark the images with a package of that name, or of a kind, that is not compared at all."""
    distributions = reader.distributions()
    groups: dict[str, dict[int, FoundPackage]] = {}
    places = list(places)
    for place in places:
        number = int(place.what)
        groups.setdefault(distributions[place.image], {})[number] = named[number]
    # By all records: one that is silent about the package may be of a feed that is not.
    source = CachedSource(store)
    reasons = {
        stored: dict(_uncovered(list(packages.items()), distribution_of(stored), source))
        for stored, packages in groups.items()
    }
    for place in places:
        if reason := reasons[distributions[place.image]].get(int(place.what)):
            why = f"a package of that name is there and is not compared: {reason}"
            matches.unclear.setdefault(place.image, printable_line(why))
    coverage = Coverage(store.feeds())
    for ecosystem, family in FAMILIES.items():
        if reason := coverage.lacks(family):
            for image in reader.having(ecosystem.value):
                matches.unclear.setdefault(
                    image, f"it has packages that are not compared: {reason}"
                )


def _uncovered(
    packages: Sequence[tuple[int, FoundPackage]],
    distribution: Distribution | None,
    source: CachedSource,
) -> Iterator[tuple[int, str]]:
    """Yield the packages that no feed speaks about, with the reason.

    A match counts them without their names: halves of what has none are not matched again.
    """
    inventory = {
        f"{package.purl}#{number}": replace(package.package(), purl=f"{package.purl}#{number}")
        for number, package in packages
    }
    found = match(Inventory(inventory, {}, distribution=distribution), source).uncovered
    if found and len(packages) == 1:
        yield packages[0][0], found[0].reason
    elif found:
        middle = len(packages) // 2
        for half in (packages[:middle], packages[middle:]):
            yield from _uncovered(half, distribution, source)
