"""Which offered versions of a Python distribution an environment can take, in which order they are worth trying, and why the others cannot be."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from careen.formats.versions.pypi import PYPI
from careen.model.patching import Aim, Barrier, PatchChoices
from careen.patch.closing import closed_by
from careen.patch.python.index import Offer
from careen.patch.targets import choose

TRIED = 5
"""Versions of one aim that are tried where the best of them does not resolve."""


@dataclass(frozen=True, slots=True)
class Hurdle:
    """Why a finding stays."""

    barrier: Barrier
    detail: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version to try and the wheel for it."""

    version: Version
    offer: Offer
    closes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the environment takes: the tags of wheels (best 0), its Python's full version; and the user's word."""

    tags: Mapping[str, int]
    python: str
    choices: PatchChoices

    def wheel(self, offers: Iterable[Offer]) -> Offer | None:
        """Return the best wheel for the environment among files of one version, None if none fits."""
        fitting = [offer for offer in offers if offer.tags and not offer.yanked and not offer.tags.isdisjoint(self.tags) and self.takes(offer.python)]
        return min(fitting, key=self._rank, default=None)

    def _rank(self, offer: Offer) -> tuple[int, int, str]:
        best = min(self.tags[tag] for tag in offer.tags or () if tag in self.tags)
        return best, -offer.build[0] if offer.build else 0, offer.filename

    def takes(self, requires_python: str) -> bool:
        """Say whether the environment's Python satisfies a Requires-Python; one that cannot be read holds nobody back."""
        try:
            return not requires_python or SpecifierSet(requires_python).contains(self.python, prereleases=True)
        except InvalidSpecifier:
            return True

    def hurdle(self, version: Version, offers: Sequence[Offer]) -> Hurdle | None:
        """Return why no file of a version can be installed, None if one can."""
        if self.wheel(offers) is not None:
            return None
        wheels = [offer for offer in offers if offer.tags is not None]
        if all(offer.yanked for offer in offers):
            return Hurdle(Barrier.UNAVAILABLE, f"{version} was withdrawn (yanked)")
        if not wheels:
            return Hurdle(Barrier.UNAVAILABLE, f"only a source distribution of {version} is offered, which would have to be built")
        for offer in offers:
            if not self.takes(offer.python):
                return Hurdle(Barrier.UNAVAILABLE, f"{version} requires Python {offer.python}, the environment has {self.python}")
        return Hurdle(Barrier.UNAVAILABLE, f"no wheel of {version} is for this Python and platform ({next(iter(self.tags), 'none known')})")


@dataclass(frozen=True, slots=True)
class Field:
    """What is offered for one aim. `forbidden` maps the versions that an installed distribution has no room for to its words; `yielding` are those of them for
    which that distribution could move a little.
    """

    aim: Aim
    offered: Mapping[Version, Sequence[Offer]]
    limits: Limits
    forbidden: Mapping[Version, str]
    yielding: frozenset[Version] = frozenset()

    def candidates(self) -> tuple[Candidate, ...]:
        """Return what to try, in this order: what the user's reach leads to, then what it would lead to without that, and so on. Others move only for what
        closes more than could be closed without.
        """
        calm = self._ladder(version for version in self.offered if version not in self.forbidden)
        pushing = self._ladder(version for version in self.offered if version not in self.forbidden or version in self.yielding)
        return (*pushing[:1], *calm)[:TRIED] if pushing and (not calm or len(pushing[0].closes) > len(calm[0].closes)) else calm

    def _ladder(self, versions: Iterable[Version]) -> tuple[Candidate, ...]:
        left = {str(version): version for version in versions if self._usable(version)}
        out: list[Candidate] = []
        while len(out) < TRIED:
            chosen = self._choose(left)
            if not chosen:
                break
            version = left.pop(chosen)
            wheel = self.limits.wheel(self.offered[version])
            if wheel is not None:
                out.append(Candidate(version, wheel, self.closes(version)))
        return tuple(out)

    def closes(self, version: Version) -> tuple[str, ...]:
        """Return the findings that a version closes, sorted."""
        return tuple(sorted(closed_by(self.aim, str(version), PYPI)))

    def why(self, finding: str) -> Hurdle:
        """Return why a finding stays that no candidate closes."""
        closing = [version for version in self.offered if finding in self.closes(version)]
        for version in closing:
            if version in self.forbidden and self._usable(version) and self._choose({str(version): version}):
                return Hurdle(Barrier.PINNED, self.forbidden[version])
        for version in closing:
            reason = self.limits.hurdle(version, self.offered[version])
            if reason is not None and self._choose({str(version): version}):
                return reason
        made = choose(self.aim, [str(version) for version in self.offered], self.limits.choices.reach, allow_major=self.limits.choices.allow_major)
        for left in made.left:
            if finding in left.findings:
                return Hurdle(left.barrier, left.detail)
        return Hurdle(Barrier.UNAVAILABLE, f"fixed in {', '.join(self.aim.fixes[finding][:3])}, which closes fewer of the others than what is taken")

    def _usable(self, version: Version) -> bool:
        return self.limits.hurdle(version, self.offered[version]) is None

    def _choose(self, versions: Collection[str]) -> str:
        return choose(self.aim, sorted(versions), self.limits.choices.reach, allow_major=self.limits.choices.allow_major).version


def by_version(offers: Iterable[Offer]) -> dict[Version, list[Offer]]:
    """Group files by version, oldest version first."""
    out: dict[Version, list[Offer]] = {}
    for offer in sorted(offers, key=lambda each: (each.version, each.filename)):
        out.setdefault(offer.version, []).append(offer)
    return out
