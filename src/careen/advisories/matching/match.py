"""Matching of an inventory with advisories."""

from collections.abc import Iterable, Sequence

from careen.advisories.findings import finding_of
from careen.advisories.matching.coverage import Coverage
from careen.advisories.matching.distro import (
    Named,
    Pocket,
    Release,
    concerns_architecture,
    names_of,
    release_of,
)
from careen.advisories.matching.evaluate import Evaluation, evaluate
from careen.advisories.matching.hit import Hit
from careen.advisories.matching.join import Vulnerability, join
from careen.advisories.matching.languages import PARTIAL_FAMILIES, family_of_package, name_of
from careen.advisories.matching.modularity import concerns_stream
from careen.advisories.matching.names import canonical
from careen.advisories.remembered import CachedSource
from careen.advisories.words import foremost
from careen.formats.versions import scheme_of
from careen.formats.versions.scheme import VersionScheme, shown
from careen.model.findings.advisory import Advisory, AdvisorySource, AffectedPackage
from careen.model.findings.finding import BUNDLED, Finding, Matched, Uncovered
from careen.model.packages.package import Ecosystem, Inventory, Package

_DISTRIBUTION = frozenset({Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM})
_MOST_EXAMPLES = 5
_MOST_PROBLEMS = 1000  # lines; an image can hold a million unreadable versions


def match(inventory: Inventory, source: AdvisorySource) -> Matched:
    """Return the findings of the packages in `inventory`; never raises for input content.

    Distribution packages use only their distribution's feeds, others their ecosystem's. A
    vulnerability that a distribution describes in its package is not reported again for a language
    package that it owns. Packages without a feed are `uncovered`. A version that cannot be read is
    a problem, and counts as affected.
    """
    return _Matching(inventory, CachedSource(source)).run()


class _Matching:
    """One run; distribution packages come first."""

    def __init__(self, inventory: Inventory, source: CachedSource) -> None:
        self._inventory = inventory
        self._source = source
        self._coverage = Coverage(source.feeds())
        self._release = release_of(inventory.distribution)
        self._findings: list[Finding] = []
        self._uncovered: dict[tuple[str, str], list[Package]] = {}
        self._problems: dict[str, None] = {}
        self._spoken: dict[
            str, frozenset[str]
        ] = {}  # purl of a distribution package → vulnerabilities that its vendor describes
        self._joined: dict[tuple[object, ...], list[Vulnerability]] = {}

    def run(self) -> Matched:
        packages = self._inventory.packages.values()
        for package in packages:
            if package.ecosystem in _DISTRIBUTION:
                self._distribution_package(package)
        for package in packages:
            if package.ecosystem not in _DISTRIBUTION:
                self._language_package(package)
        self._report_missing_packages()
        uncovered = tuple(
            Uncovered(what, len(of), reason, _examples(of))
            for (what, reason), of in sorted(self._uncovered.items())
        )
        return Matched(
            tuple(sorted(self._findings, key=lambda one: (one.package, one.id))),
            uncovered,
            tuple(self._problems),
        )

    def _add_uncovered(self, package: Package, what: str, reason: str) -> None:
        self._uncovered.setdefault(
            (BUNDLED if package.ecosystem is Ecosystem.GENERIC else what, reason), []
        ).append(package)

    def _report_missing_packages(self) -> None:
        """Report a named distribution that has no package records."""
        # A deleted package database must not pass for a clean image.
        named = self._inventory.distribution
        if named is not None and not any(
            package.ecosystem in _DISTRIBUTION for package in self._inventory.packages.values()
        ):
            what = shown(named.name or named.id or "a distribution")
            self._problems[
                f"{what} is what the image calls itself, and no package of it is recorded: what it"
                " installed was not compared with any advisory"
            ] = None

    def _distribution_package(self, package: Package) -> None:
        release = self._release
        if isinstance(release, str):
            self._add_uncovered(package, package.ecosystem.value, release)
            return
        if release.family.ecosystem is not package.ecosystem:
            self._add_uncovered(
                package,
                package.ecosystem.value,
                f"{release.label} has no {package.ecosystem.value} packages of its own",
            )
            return
        if not self._compared(package, release, release.label):
            return
        scheme = scheme_of(release.family.name)
        names = names_of(package, release.family)
        key = (
            names,
            package.module,
            package.version if package.module else "",
            package.architecture,
        )
        if key not in self._joined:
            hits = [
                hit
                for named in names
                for hit in self._release_hits(package, named, release, scheme)
            ]
            self._joined[key] = join(hits, self._source.linked)
        found = self._joined[key]
        if not found:
            self._count_unnamed(package, release, release.label)
        self._spoken[package.purl] = frozenset(one.id for one in found)
        self._add(package, found, scheme)

    def _release_hits(
        self, package: Package, named: Named, release: Release, scheme: VersionScheme
    ) -> Iterable[Hit]:
        for advisory in self._source.affecting(
            release.family.name, canonical(release.family.name, named.name)
        ):
            if advisory.withdrawn:
                continue
            by_pocket: dict[Pocket, list[AffectedPackage]] = {}
            for entry in advisory.affected:
                pocket = release.pocket(entry.ecosystem)
                if (
                    pocket is None
                    or entry.name != named.name
                    or not concerns_architecture(entry, package)
                    or not concerns_stream(advisory, entry, package)
                ):
                    continue
                by_pocket.setdefault(pocket, []).append(entry)
            fips = "fips" in named.version[:256].lower()
            chosen = {
                pocket: entries
                for pocket, entries in by_pocket.items()
                if (pocket is Pocket.FIPS) == fips
            } or (by_pocket if fips else {})
            words = [_word(advisory, entries, named.version, scheme) for entries in chosen.values()]
            # A fix in any part of the release is a fix: affected only if every part says so.
            if words:
                yield next((word for word in words if not word.evaluation.affected), words[0])

    def _language_package(self, package: Package) -> None:
        family = family_of_package(package)
        if not isinstance(family, str):
            self._add_uncovered(package, package.ecosystem.value, family.reason)
            return
        if not self._compared(package, family, family):
            return
        scheme = scheme_of(family)
        name = canonical(family, name_of(package))
        advisories = tuple(self._source.affecting(family, name))
        if not advisories and family in PARTIAL_FAMILIES:
            self._add_uncovered(
                package,
                package.ecosystem.value,
                f"no record of the feed {family} names {shown(package.name)}",
            )
            return
        if not advisories:
            self._count_unnamed(package, family, family)
        hits = [
            word
            for advisory in advisories
            if (word := _language_word(advisory, family, name, package.version, scheme)) is not None
        ]
        brought_by = [
            self._spoken[owner]
            for owner in self._inventory.owners.get(package.record, ())
            if owner in self._spoken
        ]
        spoken = frozenset().union(*brought_by)
        self._add(
            package,
            [one for one in join(hits, self._source.linked) if one.id not in spoken],
            scheme,
        )

    def _compared(self, package: Package, what: str | Release, label: str) -> bool:
        """Return whether a family or release is covered; if not, count the package."""
        reason = self._coverage.lacks(what)
        if reason is not None:
            self._add_uncovered(package, label, reason)
        return reason is None

    def _count_unnamed(self, package: Package, what: str | Release, label: str) -> None:
        """Count a package without records as uncovered if the feeds are partial."""
        if (reason := self._coverage.partial(what)) is not None:
            self._add_uncovered(package, label, reason)

    def _add(self, package: Package, found: Sequence[Vulnerability], scheme: VersionScheme) -> None:
        for one in found:
            hits = foremost(one.hits)
            for hit in hits:
                if hit.evaluation.problem and len(self._problems) < _MOST_PROBLEMS:
                    self._problems[
                        f"{package.purl[:200]}: {hit.advisory.id[:80]}: {hit.evaluation.problem}"
                    ] = None
            if hits and hits[0].evaluation.affected:
                self._findings.append(finding_of(package, one, hits, scheme, self._source))


def _examples(packages: Sequence[Package]) -> tuple[str, ...]:
    return tuple(
        shown(f"{package.name} {package.version}") for package in packages[:_MOST_EXAMPLES]
    )


def _language_word(
    advisory: Advisory, family: str, name: str, version: str, scheme: VersionScheme
) -> Hit | None:
    if advisory.withdrawn:
        return None
    entries = [
        entry
        for entry in advisory.affected
        if entry.ecosystem.partition(":")[0] == family and canonical(family, entry.name) == name
    ]
    return _word(advisory, entries, version, scheme) if entries else None


def _word(
    advisory: Advisory, entries: Sequence[AffectedPackage], version: str, scheme: VersionScheme
) -> Hit:
    """Return a record's result over all its entries for a package: affected if one says so."""
    words = [Hit(advisory, entry, evaluate(entry, version, scheme), version) for entry in entries]
    return max(words, key=_strength)


def _strength(hit: Hit) -> tuple[bool, bool]:
    evaluation: Evaluation = hit.evaluation
    return evaluation.affected, evaluation.certain
