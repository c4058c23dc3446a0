"""Which packages of the store a vulnerability affects, by today's advisories."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from careen.advisories.database.store import Store
from careen.advisories.matching.match import match
from careen.advisories.matching.names import family_of
from careen.errors import InputError
from careen.fleet.ask.answer import Matches
from careen.fleet.packages import search_name
from careen.fleet.store.reader import FoundPackage, Place, Reader
from careen.formats.printable import printable_line
from careen.model.findings.advisory import (
    Advisory,
    CvssScore,
    EpssScore,
    Feed,
    KevEntry,
    SsvcAssessment,
)
from careen.model.packages.package import Ecosystem, Inventory
from careen.pipeline.fleet.uncompared import (
    distribution_of,
    mark_distributions,
    mark_uncompared,
    missing_feeds,
)

_MOST_LINKS = 100
_MOST_NOTES = 5
_GENERIC = frozenset({"Bitnami"})
"""Families whose names are not those of the purls: all packages without a manager are compared."""


def find_vulnerable(identifier: str, reader: Reader, store: Store) -> Matches:
    """Return where packages are that a vulnerability affects.

    Each is matched as `careen scan` does it, with the distribution of its image. Raises InputError
    if the database does not know the identifier.
    """
    records = records_of(identifier, store)
    if not records:
        msg = (
            f"{identifier!r}: no advisory of the database has this identifier; bring it up to date"
            " with `careen db update`, or ask for the package itself ('pkg:…<VERSION')"
        )
        raise InputError(msg)
    named = {package.id: package for package in _named(records.values(), reader)}
    candidates = named | {package.id: package for package in _generic(records.values(), reader)}
    places = reader.containing(list(candidates))
    distributions = reader.distributions()
    affected = _affected(records, places, candidates, distributions, store)
    wanted = [
        place for place in places if (distributions[place.image], place.what) in affected.pairs
    ]
    numbers = sorted({int(place.what) for place in wanted})
    matches = Matches(
        wanted,
        {number: (candidates[number].purl, candidates[number].version) for number in numbers},
        reader.using(numbers),
        notes=[*affected.notes, *missing_feeds(store)],
    )
    mark_distributions(matches, distributions, store)
    of_the_name = [place for place in places if place.what in named]
    mark_uncompared(matches, of_the_name, named, reader, store)
    return matches


def records_of(identifier: str, store: Store) -> dict[str, Advisory]:
    """Return every record of a vulnerability, over its aliases."""
    names, todo = {identifier}, [identifier]
    found: dict[str, Advisory] = {}
    while todo and len(names) <= _MOST_LINKS:
        name = todo.pop()
        for record in store.records(name):
            found[record.id] = record
        new = {other for other in store.linked(name) if other not in names}
        # Another CVE is another vulnerability, even where one record names both.
        new = {
            other
            for other in new
            if not (other.startswith("CVE-") and identifier.startswith("CVE-"))
        }
        names |= new
        todo += sorted(new)
    return found


def _named(records: Iterable[Advisory], reader: Reader) -> Iterable[FoundPackage]:
    """Return the packages whose name some record states, whatever their version."""
    names: set[str] = set()
    for record in records:
        for entry in record.affected:
            last = entry.name.replace(":", "/").rpartition("/")[2]
            kind = Ecosystem.PYPI.value if family_of(entry.ecosystem) == "PyPI" else ""
            names.add(search_name(kind, last))
    return reader.packages_named(sorted(names))


def _generic(records: Iterable[Advisory], reader: Reader) -> Iterable[FoundPackage]:
    """Return the packages that may be meant by another name than their own."""
    families = {family_of(entry.ecosystem) for record in records for entry in record.affected}
    return reader.packages_of_kind(Ecosystem.GENERIC.value) if families & _GENERIC else ()


@dataclass(frozen=True, slots=True)
class _Affected:
    """Pairs of a stored distribution and the number of a package that is affected there."""

    pairs: Collection[tuple[str, int | str]]
    notes: tuple[str, ...]


def _affected(
    records: Mapping[str, Advisory],
    places: Iterable[Place],
    candidates: Mapping[int, FoundPackage],
    distributions: Mapping[int, str],
    store: Store,
) -> _Affected:
    groups: dict[str, dict[int, FoundPackage]] = {}
    for place in places:
        number = int(place.what)
        groups.setdefault(distributions[place.image], {})[number] = candidates[number]
    source = OneVulnerability(store, records)
    pairs: set[tuple[str, int | str]] = set()
    notes: dict[str, None] = {}
    for distribution, packages in groups.items():
        # Two rows of one purl may differ in their source package: each gets a purl of its own.
        inventory = {
            f"{package.purl}#{number}": replace(package.package(), purl=f"{package.purl}#{number}")
            for number, package in packages.items()
        }
        found = match(Inventory(inventory, {}, distribution=distribution_of(distribution)), source)
        pairs |= {(distribution, int(each.package.rpartition("#")[2])) for each in found.findings}
        # Other problems are about the whole inventory, of which this is a part.
        notes.update(dict.fromkeys(each for each in found.problems if each.startswith("pkg:")))
    return _Affected(pairs, tuple(map(printable_line, list(notes)[:_MOST_NOTES])))


class OneVulnerability:
    """The database with the records of one vulnerability alone, as `AdvisorySource`."""

    def __init__(self, store: Store, records: Collection[str]) -> None:
        self._store = store
        self._records = records

    def affecting(self, family: str, name: str) -> Iterable[Advisory]:
        for advisory in self._store.affecting(family, name):
            if advisory.id in self._records:
                yield advisory

    def linked(self, identifier: str) -> Iterable[str]:
        return self._store.linked(identifier)

    def kev(self, cve: str) -> KevEntry | None:
        return self._store.kev(cve)

    def epss(self, cve: str) -> EpssScore | None:
        return self._store.epss(cve)

    def scores(self, cve: str) -> tuple[CvssScore, ...]:
        return self._store.scores(cve)

    def ssvc(self, cve: str) -> SsvcAssessment | None:
        return self._store.ssvc(cve)

    def feeds(self) -> tuple[Feed, ...]:
        return self._store.feeds()
