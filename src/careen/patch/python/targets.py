"""Offered versions of a Python distribution: which fit, in which order, and why others do not."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from careen.formats.versions.lines import line
from careen.formats.versions.pypi import PYPI
from careen.model.patching import Aim, BlockReason, PatchChoices
from careen.patch.closing import closed_by
from careen.patch.python.index import Offer
from careen.patch.targets import choose, is_allowed

MAX_CANDIDATE_SETS = 5
"""Sets of versions of one aim that are tried if the best does not resolve."""

MAX_EXCLUDED = 60
"""Versions excluded within such a set; with more, only the best version is tried."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Reason why a finding stays."""

    barrier: BlockReason
    detail: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version to try and the wheel for it."""

    version: Version
    offer: Offer
    closes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CandidateSet:
    """Versions that close equally many findings, lowest first.

    `best` is the one that the reach selects; `between` are versions to exclude from the range.
    """

    best: Candidate
    all: tuple[Candidate, ...]
    between: tuple[Version, ...] = ()

    @property
    def pinned(self) -> "CandidateSet":
        """The same, with `best` as the only version."""
        return CandidateSet(self.best, (self.best,))

    def at(self, version: Version) -> Candidate | None:
        """Return the candidate of a version, or None if it is not among these."""
        return next((each for each in self.all if each.version == version), None)

    def requirement(self, name: str) -> str:
        """Return the requirement that the resolver gets."""
        if len(self.all) == 1:
            return f"{name}=={self.best.version}"
        holes = "".join(f",!={version}" for version in self.between)
        return f"{name}>={self.all[0].version},<={self.all[-1].version}{holes}"

    def newest_in_line(self, version: Version) -> Candidate:
        """Return the newest candidate of the same X.Y."""
        return [each for each in self.all if line(str(each.version)) == line(str(version))][-1]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the environment and the user accept.

    `tags` are those of wheels with their rank (0 is best); `python` is its Python's full version.
    """

    tags: Mapping[str, int]
    python: str
    choices: PatchChoices

    def wheel(self, offers: Iterable[Offer]) -> Offer | None:
        """Return the best wheel among files of one version, or None if none fits."""
        fitting = [
            offer
            for offer in offers
            if offer.tags
            and not offer.yanked
            and not offer.tags.isdisjoint(self.tags)
            and self.takes(offer.python)
        ]
        return min(fitting, key=self._rank, default=None)

    def _rank(self, offer: Offer) -> tuple[int, int, str]:
        best = min(self.tags[tag] for tag in offer.tags or () if tag in self.tags)
        return best, -offer.build[0] if offer.build else 0, offer.filename

    def takes(self, requires_python: str) -> bool:
        """Return whether the environment's Python satisfies Requires-Python.

        An invalid specifier counts as satisfied.
        """
        try:
            return not requires_python or SpecifierSet(requires_python).contains(
                self.python, prereleases=True
            )
        except InvalidSpecifier:
            return True

    def hurdle(self, version: Version, offers: Sequence[Offer]) -> Obstacle | None:
        """Return why no file of a version can be installed, or None if one can."""
        if self.wheel(offers) is not None:
            return None
        wheels = [offer for offer in offers if offer.tags is not None]
        if all(offer.yanked for offer in offers):
            return Obstacle(BlockReason.UNAVAILABLE, f"{version} was withdrawn (yanked)")
        if not wheels:
            return Obstacle(
                BlockReason.UNAVAILABLE,
                f"only a source distribution of {version} is offered, which would have to be built",
            )
        for offer in offers:
            if not self.takes(offer.python):
                return Obstacle(
                    BlockReason.UNAVAILABLE,
                    f"{version} requires Python {offer.python}, the environment has {self.python}",
                )
        return Obstacle(
            BlockReason.UNAVAILABLE,
            f"no wheel of {version} is for this Python and platform"
            f" ({next(iter(self.tags), 'none known')})",
        )


@dataclass(frozen=True, slots=True)
class Field:
    """What is offered for one aim.

    `forbidden` maps versions that an installed distribution does not allow to the reason.
    `yielding` are those that it would allow after a small move of its own.
    """

    aim: Aim
    offered: Mapping[Version, Sequence[Offer]]
    limits: Limits
    forbidden: Mapping[Version, str]
    yielding: frozenset[Version] = frozenset()

    def candidate_sets(self) -> tuple[CandidateSet, ...]:
        """Return what to try: the versions that close the most, then the next most, and so on.

        Other distributions move only if more findings are closed than without.
        """
        calm = self._candidate_sets(
            version for version in self.offered if version not in self.forbidden
        )
        pushing = self._candidate_sets(
            version
            for version in self.offered
            if version not in self.forbidden or version in self.yielding
        )
        more = [
            rung for rung in pushing if not calm or len(rung.best.closes) > len(calm[0].best.closes)
        ]
        return (*more, *calm)[:MAX_CANDIDATE_SETS]

    def allowed(self) -> tuple[Candidate, ...]:
        """Return all versions that may be taken, lowest first."""
        out: list[Candidate] = []
        for version in sorted(self.offered):
            free = version not in self.forbidden or version in self.yielding
            wheel = self.limits.wheel(self.offered[version]) if free else None
            if wheel is not None and is_allowed(
                self.aim, str(version), allow_major=self.limits.choices.allow_major
            ):
                out.append(Candidate(version, wheel, self.closes(version)))
        return tuple(out)

    def _candidate_sets(self, versions: Iterable[Version]) -> tuple[CandidateSet, ...]:
        by_count: dict[int, list[Candidate]] = {}
        for version in sorted(versions):
            wheel = self.limits.wheel(self.offered[version])
            if wheel is not None and self._choose({str(version)}):
                closes = self.closes(version)
                by_count.setdefault(len(closes), []).append(Candidate(version, wheel, closes))
        return tuple(
            self._rung(by_count[count])
            for count in sorted(by_count, reverse=True)[:MAX_CANDIDATE_SETS]
        )

    def _rung(self, fitting: Sequence[Candidate]) -> CandidateSet:
        chosen = self._choose({str(each.version) for each in fitting})
        best = next(each for each in fitting if str(each.version) == chosen)
        theirs = {each.version for each in fitting}
        first, last = fitting[0].version, fitting[-1].version
        between = tuple(
            version
            for version in sorted(self.offered)
            if first < version < last and version not in theirs
        )
        if len(between) > MAX_EXCLUDED or first.is_prerelease or best.version.local is not None:
            return CandidateSet(best, (best,))
        return CandidateSet(best, tuple(fitting), between)

    def closes(self, version: Version) -> tuple[str, ...]:
        """Return the findings that a version closes, sorted."""
        return tuple(sorted(closed_by(self.aim, str(version), PYPI)))

    def why(self, finding: str) -> Obstacle:
        """Return why a finding stays that no candidate closes."""
        closing = [version for version in self.offered if finding in self.closes(version)]
        for version in closing:
            if (
                version in self.forbidden
                and self.limits.hurdle(version, self.offered[version]) is None
                and self._choose({str(version): version})
            ):
                return Obstacle(BlockReason.PINNED, self.forbidden[version])
        for version in closing:
            reason = self.limits.hurdle(version, self.offered[version])
            if reason is not None and self._choose({str(version): version}):
                return reason
        made = choose(
            self.aim,
            [str(version) for version in self.offered],
            self.limits.choices.reach,
            allow_major=self.limits.choices.allow_major,
        )
        for left in made.left:
            if finding in left.findings:
                return Obstacle(left.barrier, left.detail)
        return Obstacle(
            BlockReason.UNAVAILABLE,
            f"fixed in {', '.join(self.aim.fixes[finding][:3])}, which closes fewer findings than"
            " the chosen version",
        )

    def _choose(self, versions: Collection[str]) -> str:
        return choose(
            self.aim,
            sorted(versions),
            self.limits.choices.reach,
            allow_major=self.limits.choices.allow_major,
        ).version


def by_version(offers: Iterable[Offer]) -> dict[Version, list[Offer]]:
    """Group files by version, oldest version first."""
    out: dict[Version, list[Offer]] = {}
    for offer in sorted(offers, key=lambda each: (each.version, each.filename)):
        out.setdefault(offer.version, []).append(offer)
    return out
