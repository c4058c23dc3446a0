"""The strongest tier that an RBOM proves of a finding's code (docs/adr/0008-tiers.md)."""

import heapq
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from careen.model.advisory import ImportedCode
from careen.model.finding import Finding
from careen.model.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.trace import Use
from careen.model.triage import Tier, Witness
from careen.triage.affected import PACKAGE, Affected, AffectedFiles
from careen.triage.carriers import carries
from careen.triage.evidence import ImageUse, Sighting, is_health_check, phases_of

MAX_WITNESSES = 3

TIER_ORDER = (Tier.EXECUTED, Tier.LOADED, Tier.OPENED, Tier.LOOKED_UP, Tier.PRESENT, Tier.REMOVED)
"""Strongest first. NOT_PROFILED has no place in it: nothing is known."""

_RANK = {tier: i for i, tier in enumerate(TIER_ORDER)}
_LIBRARY = re.compile(r"\.so(?:\.\d+)*\Z")
SYSTEM = frozenset({Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM})


@dataclass(frozen=True, slots=True)
class Proof:
    """What the RBOM proves. `scope` is `package` or `vulnerable code`, `witnesses` the strongest
    observations; `programs` are the paths of those that ran or loaded the code, `doubt` says why
    the tier is not known or only a hint, "" when it rests on a complete profile of this very image.
    With `health_check_only` whatever proves the tier was done by the image's HEALTHCHECK.
    """

    tier: Tier
    scope: str
    witnesses: tuple[Witness, ...] = ()
    programs: frozenset[str] = frozenset()
    doubt: str = ""
    health_check_only: bool = False


class Tiers:
    """Answers for the findings of one scan; what is the same for all findings of a package is
    worked out once.
    """

    def __init__(self, use: ImageUse) -> None:
        self._use = use
        self._affected = AffectedFiles()
        self._known: dict[tuple[str, tuple[ImportedCode, ...]], Proof] = {}

    def of(self, package: Package, finding: Finding) -> Proof:
        """Return the tier of a finding of `package`, with its witnesses."""
        affected = self._affected.of(package, finding)
        key = (package.purl, finding.code if affected.scope != PACKAGE else ())
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._prove(package, affected)
        return known

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
        """Nothing of it was seen: that is PRESENT only where it would have been seen, and where
        there is something to be seen.
        """
        doubt = self._use.unseen_of(affected.files)
        if (
            not doubt and not affected.files and not (package.files and package.ecosystem in SYSTEM)
        ):  # a system package may well have no code
            doubt = "its files are not known, so nothing tells whether they are used"
        if doubt:
            return Proof(Tier.NOT_PROFILED, affected.scope, doubt=doubt)
        named = self._record(package) if affected.scope == PACKAGE else None
        tier, witnesses = (
            (Tier.PRESENT, ()) if named is None else (Tier.LOOKED_UP, (_witness(named),))
        )
        return Proof(tier, affected.scope, witnesses, doubt=self._doubt(tier))

    def _record(self, package: Package) -> Sighting | None:
        """Whoever read the record, the licence or the documentation looked at the package, not at
        its code. Asked only where no code was seen.
        """
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

    def _distinct(self, seen: Sequence[Sighting]) -> Iterable[Sighting]:
        """One sighting a file, its strongest, and of equals the one by a program that listens:
        three witnesses of one file would tell less.
        """
        best: dict[ImagePath, Sighting] = {}
        for sighting in seen:
            known = best.get(sighting.path)
            if known is None or self._order(sighting) < self._order(known):
                best[sighting.path] = sighting
        return best.values()

    def _order(self, sighting: Sighting) -> tuple[int, bool, bool, int, str, str, str]:
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
    """Say whether a tier is as strong as the wanted one. NOT_PROFILED is as strong as none: whoever
    asks must have asked for it first.
    """
    return tier is not Tier.NOT_PROFILED and _RANK[tier] <= _RANK[wanted]


_USES = {use: i for i, use in enumerate(Use)}


def _strength(sighting: Sighting) -> tuple[int, int]:
    return _RANK[sighting.tier], _USES[sighting.use.use]


def _within(sighting: Sighting, package: Package) -> Sighting:
    """What is inside a file that ran is loaded: nothing shows that this part of it ran. A module
    that was imported is itself.
    """
    if (
        sighting.tier is Tier.EXECUTED
        and sighting.use.use is not Use.OPENED
        and carries(sighting.path, package)
    ):
        return replace(sighting, tier=Tier.LOADED)
    return sighting


def _programs(sighting: Sighting) -> tuple[str, ...]:
    """A program that was executed is itself the one that then runs; the one that executed it,
    unless it is the container runtime, had its part in it.
    """
    use = sighting.use
    return (
        tuple(program for program in (sighting.path, use.executable) if program)
        if use.use is Use.EXECUTED
        else (use.executable,)
    )


def _may_be_mapped(sighting: Sighting) -> bool:
    return sighting.use.use is Use.OPENED and bool(_LIBRARY.search(sighting.path))


def _witness(sighting: Sighting) -> Witness:
    return Witness(
        sighting.path,
        sighting.verb,
        sighting.use.executable,
        sighting.use.origin,
        phases_of(sighting.use),
    )
