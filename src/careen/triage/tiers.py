"""The strongest tier that an RBOM proves for a finding's code (docs/adr/0008-tiers.md)."""

import heapq
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from careen.model.findings.advisory import ImportedCode
from careen.model.findings.finding import Finding
from careen.model.findings.triage import Tier, Witness
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.triage.affected import PACKAGE, Affected, AffectedFiles
from careen.triage.carriers import carries
from careen.triage.evidence import ObservedUse, UsageIndex, is_health_check, phases_of

MAX_WITNESSES = 3

TIER_ORDER = (Tier.EXECUTED, Tier.LOADED, Tier.OPENED, Tier.LOOKED_UP, Tier.PRESENT, Tier.REMOVED)
"""Tiers, strongest first. NOT_PROFILED means unknown and has no place."""

_RANK = {tier: i for i, tier in enumerate(TIER_ORDER)}
_LIBRARY = re.compile(r"\.so(?:\.\d+)*\Z")
SYSTEM = frozenset({Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM})


@dataclass(frozen=True, slots=True)
class Proof:
    """What the RBOM proves.

    `scope`: `package` or `vulnerable code`. `witnesses`: the strongest observations. `programs`:
    paths of programs that ran or loaded the code. `doubt`: why the tier is unknown or a hint; "" if
    a complete profile of this very image proves it. `health_check_only`: only the image's
    HEALTHCHECK did what proves the tier.
    """

    tier: Tier
    scope: str
    witnesses: tuple[Witness, ...] = ()
    programs: frozenset[str] = frozenset()
    doubt: str = ""
    health_check_only: bool = False


class Tiers:
    """Tiers of one scan's findings; results are cached per package."""

    def __init__(self, use: UsageIndex) -> None:
        self._use = use
        self._affected = AffectedFiles()
        self._known: dict[tuple[str, tuple[ImportedCode, ...]], Proof] = {}

    def of(self, package: Package, finding: Finding) -> Proof:
        """Return the proof of a finding of `package`, with its witnesses."""
        affected = self._affected.of(package, finding)
        key = (package.purl, finding.code if affected.scope != PACKAGE else ())
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._prove(package, affected)
        return known

    def of_package(self, package: Package) -> Proof:
        """Return the proof of a whole package, whatever its findings."""
        return self._prove(package, self._affected.whole(package))

    def _prove(self, package: Package, affected: Affected) -> Proof:
        use = self._use
        if use.bom is None:
            return Proof(Tier.NOT_PROFILED, affected.scope, doubt=use.unseen)
        files = affected.files or (() if package.files else use.of_package(package.purl))
        seen = [_within(sighting, package) for path in files for sighting in use.at(path)]
        if not seen:
            return self._unused(package, Affected(affected.scope, files))
        best = min(seen, key=_strength)
        strong = frozenset({Tier.EXECUTED, Tier.LOADED})
        programs = frozenset(
            program
            for sighting in seen
            if sighting.tier in strong
            for program in _programs(sighting)
        )
        witnesses = tuple(
            _witness(sighting)
            for sighting in heapq.nsmallest(MAX_WITNESSES, self._distinct(seen), key=self._order)
        )
        doubt = self._doubt(best.tier)
        blind = (
            best.tier not in strong
            and not use.sees(Use.MAPPED)
            and any(_may_be_mapped(sighting) for sighting in seen)
        )
        if blind:
            return Proof(
                Tier.NOT_PROFILED,
                affected.scope,
                witnesses,
                doubt="opened as a library, and the sensor cannot see whether it was mapped",
            )
        checked = all(is_health_check(item.use) for item in seen if item.tier is best.tier)
        return Proof(best.tier, affected.scope, witnesses, programs, doubt, checked)

    def _unused(self, package: Package, affected: Affected) -> Proof:
        """Return the proof if no use was seen: PRESENT if a use would have been seen."""
        doubt = self._use.unseen_of(affected.files)
        # A system package may have no code.
        if not doubt and not affected.files and not (package.files and package.ecosystem in SYSTEM):
            doubt = "its files are unknown, so it is unknown whether they are used"
        if doubt:
            return Proof(Tier.NOT_PROFILED, affected.scope, doubt=doubt)
        named = self._record(package) if affected.scope == PACKAGE else None
        tier, witnesses = (
            (Tier.PRESENT, ()) if named is None else (Tier.LOOKED_UP, (_witness(named),))
        )
        return Proof(tier, affected.scope, witnesses, doubt=self._doubt(tier))

    def _record(self, package: Package) -> ObservedUse | None:
        """Return a use of the package's record, licence or documentation, or None."""
        for path in dict.fromkeys((*package.metadata, *package.licences, *package.files)):
            for sighting in self._use.at(path):
                return replace(sighting, verb=f"{sighting.verb} (its record only)")
        return None

    def _doubt(self, tier: Tier) -> str:
        if not self._use.exact:
            return "a hint: the RBOM is of another image"
        incomplete = self._use.bom is not None and not (
            self._use.bom.completeness.complete and self._use.bom.saw_start
        )
        return f"at least: {self._use.unseen}" if incomplete and tier is not Tier.EXECUTED else ""

    def _distinct(self, seen: Sequence[ObservedUse]) -> Iterable[ObservedUse]:
        """Return each file's strongest sighting, preferring programs that listen."""
        # Three witnesses of one file would say less than three files.
        best: dict[ImagePath, ObservedUse] = {}
        for sighting in seen:
            known = best.get(sighting.path)
            if known is None or self._order(sighting) < self._order(known):
                best[sighting.path] = sighting
        return best.values()

    def _order(self, sighting: ObservedUse) -> tuple[int, bool, bool, int, str, str, str]:
        listens = bool(self._use.listeners.of(_programs(sighting)))
        tier, how = _strength(sighting)
        use = sighting.use
        return (
            tier,
            is_health_check(use),
            not listens,
            how,
            sighting.path,
            use.executable,
            use.origin,
        )


def at_least(tier: Tier, wanted: Tier) -> bool:
    """Return whether a tier is at least `wanted`; False for NOT_PROFILED."""
    return tier is not Tier.NOT_PROFILED and _RANK[tier] <= _RANK[wanted]


_USES = {use: i for i, use in enumerate(Use)}


def _strength(sighting: ObservedUse) -> tuple[int, int]:
    return _RANK[sighting.tier], _USES[sighting.use.use]


def _within(sighting: ObservedUse, package: Package) -> ObservedUse:
    """Return the sighting, weakened to LOADED if the file holds the package among other code."""
    # Nothing shows that the embedded part itself ran. An imported module is the package's own.
    if (
        sighting.tier is Tier.EXECUTED
        and sighting.use.use is not Use.OPENED
        and carries(sighting.path, package)
    ):
        return replace(sighting, tier=Tier.LOADED)
    return sighting


def _programs(sighting: ObservedUse) -> tuple[str, ...]:
    """Return the known programs of a use; an executed file is one itself."""
    use = sighting.use
    return (
        tuple(program for program in (sighting.path, use.executable) if program)
        if use.use is Use.EXECUTED
        else (use.executable,)
    )


def _may_be_mapped(sighting: ObservedUse) -> bool:
    return sighting.use.use is Use.OPENED and bool(_LIBRARY.search(sighting.path))


def _witness(sighting: ObservedUse) -> Witness:
    return Witness(
        sighting.path,
        sighting.verb,
        sighting.use.executable,
        sighting.use.origin,
        phases_of(sighting.use),
    )
