"""Patchers of Python distributions: one for each environment, one for all others."""

import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from careen.errors import ToolError
from careen.formats.python_metadata import ARCHIVES
from careen.model.packages.package import Ecosystem, Package, Presence
from careen.model.patching import Aim, Blocked, BlockReason, Upgrade
from careen.model.paths import ImagePath
from careen.patch.aims import aim_at
from careen.patch.guard import objection_to, why_it_stays
from careen.patch.port import Applied, Ground, Patcher, Proposal
from careen.patch.python.carried import carried, staying
from careen.patch.python.ensurepip import ensurepips
from careen.patch.python.environments import Dist, Environment, environments
from careen.patch.python.index import Index, Offer
from careen.patch.python.install import Exchange, place
from careen.patch.python.plan import Move, Outcome, Planner, groups
from careen.patch.python.probe import Interpreter, installed, probe
from careen.patch.python.requirements import needed, objections, problems, version_of
from careen.patch.python.resolver import resolver_for
from careen.patch.python.sources import sources_of
from careen.patch.python.targets import Limits, Obstacle
from careen.patch.sandbox import Sandbox


def find(ground: Ground) -> Sequence[Patcher]:
    """Return the patchers of environments by prefix, of ensurepip, and last of all others."""
    found = environments(ground.rootfs, ground.inventory)
    own = [
        PythonPatcher(ground, each, vendored_copies(ground, each)) for each in found if each.dists
    ]
    patchers: list[Patcher] = [*own, *ensurepips(ground, own)]
    mine = frozenset(purl for each in patchers for purl in each.purls)  # type: ignore[attr-defined]
    elsewhere = {
        purl
        for purl, package in ground.inventory.packages.items()
        if package.ecosystem in (Ecosystem.PYPI, Ecosystem.CONDA) and purl not in mine
    }
    return (
        (*patchers, UnmanagedPython(ground, frozenset(elsewhere))) if elsewhere else tuple(patchers)
    )


def vendored_copies(ground: Ground, environment: Environment) -> Mapping[str, str]:
    """Return the unpacked copies in an environment: the purl of each, and of its owner.

    The owner is the distribution whose RECORD lists the copy's record.
    """
    out: dict[str, str] = {}
    for purl, package in ground.inventory.packages.items():
        if (
            package.ecosystem is Ecosystem.PYPI
            and purl not in environment.dists
            and not package.record.endswith(ARCHIVES)
        ):
            owners = [
                each
                for each in ground.inventory.owners.get(package.record, ())
                if each in environment.dists
            ]
            out |= dict.fromkeys([purl], owners[0]) if owners else {}
    return out


@dataclass(slots=True, weakref_slot=True)
class PythonPatcher:
    """Patcher of one environment; `apply` reuses what the index offered to `propose`."""

    ground: Ground
    environment: Environment
    inside: Mapping[str, str] = field(default_factory=dict)
    _offers: dict[str, Offer] = field(default_factory=dict)
    _index: Index | None = None

    @property
    def name(self) -> str:
        """`python /opt/venv`."""
        return f"python {self.environment.prefix}"

    @property
    def purls(self) -> frozenset[str]:
        """Purls of the distributions and of the copies in them."""
        return frozenset((*self.environment.dists, *self.inside))

    def claims(self, aim: Aim) -> bool:
        """Return whether the package is a distribution here, or a copy inside one."""
        return aim.purl in self.environment.dists or aim.purl in self.inside

    def propose(self, aims: Sequence[Aim], sandbox: Sandbox) -> Proposal:
        """Resolve the aims together; raise ToolError if the index does not answer."""
        blocked: list[Blocked] = []
        mine: dict[str, tuple[Aim, Dist]] = {}
        inner: dict[str, list[Aim]] = {}
        for aim in aims:
            dist = self.environment.dists[self.inside.get(aim.purl, aim.purl)]
            if dist.foreign:
                blocked.append(aim.blocked(BlockReason.FOREIGN, dist.foreign))
            elif aim.purl in self.inside and (
                stays := why_it_stays(dist.package, self.ground.choices, self.ground.policy)
            ):
                blocked.append(
                    aim.blocked(BlockReason.EXCLUDED, f"{self._copy(aim, dist)}, which {stays}")
                )
            elif aim.purl in self.inside:
                inner.setdefault(dist.name, []).append(aim)
                mine.setdefault(dist.package.purl, (self._empty_aim(dist), dist))
            else:
                mine[aim.purl] = (aim, dist)
        if not mine:
            return Proposal(blocked=tuple(blocked))
        why = self.means(sandbox)
        asked = [
            *(aim for aim, _ in mine.values() if aim.fixes),
            *(aim for each in inner.values() for aim in each),
        ]
        if isinstance(why, str):
            return Proposal(
                blocked=(*blocked, *(aim.blocked(BlockReason.NO_MEANS, why) for aim in asked))
            )
        interpreter, index = why
        try:
            resolver = resolver_for(self.environment, interpreter, index.sources, sandbox)
            if isinstance(resolver, str):
                return Proposal(
                    blocked=(
                        *blocked,
                        *(aim.blocked(BlockReason.NO_MEANS, resolver) for aim in asked),
                    )
                )
            limits = self.limits(interpreter)
            planner = Planner(
                self.environment,
                interpreter,
                index,
                resolver,
                limits,
                sandbox,
                inner,
                self._forbids,
                self._bound,
            )
            outcome = planner.plan(list(mine.values()))
        finally:
            index.close()
        self._offers |= {move.name: move.offer for move in outcome.moves}
        blocked += [
            aim.blocked(barrier, detail, findings)
            for aim, _ in mine.values()
            for (barrier, detail), findings in _by_reason(outcome.blocked.get(aim.purl, {})).items()
        ]
        blocked += [
            each
            for name, theirs in inner.items()
            for aim in theirs
            for each in self._staying(aim, name, outcome)
        ]
        upgrades = self._upgrades(outcome, interpreter)
        note = (
            f"{self.name}: resolved by {resolver.name} in {outcome.questions}"
            f" question{'s' if outcome.questions != 1 else ''}, {index.origin}"
        )
        return Proposal(upgrades, tuple(blocked), (note,))

    def _forbids(self, package: Package, version: str) -> bool:
        return objection_to(package, version, self.ground.choices, self.ground.policy) is not None

    def _bound(self, package: Package) -> str | None:
        """Return the user's limit for a dependency, "" for none; None if it must stay."""
        choices, policy = self.ground.choices, self.ground.policy
        return None if why_it_stays(package, choices, policy) else policy.on(package).limit

    def _staying(self, aim: Aim, owner: str, outcome: Outcome) -> Iterable[Blocked]:
        """Yield why findings of a copy stay."""
        move = next((each for each in outcome.moves if each.name == owner), None)
        copy = (
            next((each for each in move.copies if each.aim is aim), None)
            if move is not None
            else None
        )
        left = tuple(finding for finding in aim.fixes if copy is None or finding not in copy.closes)
        if not left:
            return
        held = next(dist for dist in self.environment.dists.values() if dist.name == owner)
        if move is None or copy is None:
            carries = f"no version of {owner} that may be taken carries one that is fixed"
        else:
            carries = (
                f"{owner} {move.after.version} carries {copy.target or 'one without a version'}"
            )
        words = self._copy(aim, held), carries
        shown = f"{owner} {held.installed.version}"
        yield from staying(aim, left, words, shown, outcome.beyond.get(owner))

    def _copy(self, aim: Aim, owner: Dist) -> str:
        return (
            f"a copy inside {owner.name} {owner.installed.version}"
            f" ({self.ground.inventory.packages[aim.purl].record})"
        )

    def _empty_aim(self, dist: Dist) -> Aim:
        """Return an aim without findings for a distribution."""
        return replace(
            aim_at(dist.package, self.ground.policy.on(dist.package), {}),
            name=dist.name,
            version=dist.installed.version,
        )

    def means(self, sandbox: Sandbox) -> str | tuple[Interpreter, Index]:
        """Return the environment's interpreter and index, or why nothing can be upgraded here."""
        if not self.environment.python:
            return f"no Python interpreter of the image is known to use {self.environment.prefix}"
        try:
            interpreter = probe(self.environment, sandbox)
        except ToolError as error:
            return f"its interpreter does not run: {error}"
        if interpreter.missing:
            return f"its Python lacks what installing needs: {', '.join(interpreter.missing)}"
        sources = sources_of(
            self.ground.choices, self.ground.rootfs, self.environment.prefix, interpreter.variables
        )
        if not (sources.indexes or sources.find_links or sources.directories):
            return (
                "no index may be asked (--offline, --no-index) and no directory of wheels is given;"
                " name one with --find-links"
            )
        if self._index is None:
            store = Path(
                tempfile.mkdtemp(prefix="wheels-", dir=sandbox.scratch.parent)
            )  # beside the sandbox, where the container cannot write
            weakref.finalize(self, shutil.rmtree, store, ignore_errors=True)
            self._index = Index(sources, store)
        return interpreter, self._index

    def limits(self, interpreter: Interpreter) -> Limits:
        return Limits(
            {tag: rank for rank, tag in enumerate(interpreter.tags)},
            interpreter.full,
            self.ground.choices,
        )

    def _upgrades(self, outcome: Outcome, interpreter: Interpreter) -> tuple[Upgrade, ...]:
        known = {name: dist.installed for name, dist in self.environment.visible.items()}
        group = groups(outcome.moves, known, interpreter.markers)
        purls = {move.name: _purl(move) for move in outcome.moves}
        out = [
            Upgrade(
                purls[move.name],
                move.name,
                Ecosystem.PYPI,
                move.old.installed.version if move.old is not None else "",
                move.after.version,
                self.name,
                f"{self.name}: {group[move.name]}",
                move.closes,
                (
                    self._pulled_by(move, outcome.moves, interpreter, purls)
                    if move.aim is None
                    else ()
                ),
                move.offer.origin,
                move.offer.sha256,
            )
            for move in outcome.moves
        ]
        for move in outcome.moves:
            out += [
                carried(
                    copy,
                    purls[move.name],
                    self.name,
                    f"{self.name}: {group[move.name]}",
                    move.after,
                )
                for copy in move.copies
                if copy.closes
            ]
        return tuple(sorted(out, key=lambda upgrade: (upgrade.group, upgrade.purl)))

    def _pulled_by(
        self, move: Move, moves: Iterable[Move], interpreter: Interpreter, purls: Mapping[str, str]
    ) -> tuple[str, ...]:
        """Return the purls that need a move, else those that it makes room for."""
        needing = [
            other
            for other in moves
            if move.name in needed(other.after, interpreter.markers) and other is not move
        ]
        held = [] if move.old is None else [move.old.installed]
        freed = [
            other
            for other in moves
            if other.aim
            and objections(held, other.name, str(other.offer.version), interpreter.markers)
        ]
        return tuple(sorted(purls[other.name] for other in needing or freed))

    def apply(self, upgrades: Sequence[Upgrade], sandbox: Sandbox) -> Applied:
        """Fetch, check and install exactly these wheels.

        Raises ToolError; for a wrong digest it names the file and both digests.
        """
        upgrades = [
            each for each in upgrades if not each.inside
        ]  # copies come with the wheel that carries them
        why = self.means(sandbox)
        if isinstance(why, str):
            msg = f"{self.name}: {why}"
            raise ToolError(msg)
        interpreter, index = why
        before = problems(installed(self.environment, sandbox), interpreter.markers)
        by_name = self.environment.visible
        limits = self.limits(interpreter)
        exchanges: list[Exchange] = []
        try:
            for upgrade in sorted(upgrades, key=lambda each: each.name):
                offer = self._offer(upgrade, index, limits)
                wheel = index.fetch(offer, upgrade.sha256)
                exchanges.append(
                    Exchange(upgrade.name, wheel, upgrade.sha256, by_name.get(upgrade.name))
                )
        finally:
            index.close()
        place(exchanges, self.environment, self.ground, sandbox)
        after = installed(self.environment, sandbox)
        versions = {each.name: each.version for each in after}
        for upgrade in upgrades:
            if version_of(versions.get(upgrade.name, "")) != version_of(upgrade.target):
                msg = (
                    f"{self.name}: {upgrade.name} {upgrade.target} was installed, and its Python"
                    f" reads {versions.get(upgrade.name)!r} back"
                )
                raise ToolError(msg)
        new = sorted(problems(after, interpreter.markers) - before)
        notes = tuple(f"{self.name}: {sentence}" for sentence in new)
        return Applied(
            notes=notes,
            versions={
                f"{self.name}:{upgrade.name}": versions[upgrade.name] for upgrade in upgrades
            },
        )

    def _offer(self, upgrade: Upgrade, index: Index, limits: Limits) -> Offer:
        known = self._offers.get(upgrade.name)
        if (
            known is not None
            and known.version == version_of(upgrade.target)
            and known.sha256 == upgrade.sha256
        ):
            return known
        fitting = [
            offer
            for offer in index.offers(upgrade.name)
            if offer.version == version_of(upgrade.target)
        ]
        named = [
            offer for offer in fitting if offer.sha256 == upgrade.sha256 and offer.tags is not None
        ]
        offer = named[0] if named else limits.wheel(fitting)
        if offer is None:
            msg = (
                f"{self.name}: {index.origin} offers no wheel of {upgrade.name} {upgrade.target}"
                " any more; plan again"
            )
            raise ToolError(msg)
        return offer


@dataclass(frozen=True, slots=True)
class UnmanagedPython:
    """Patcher that blocks every Python package outside the environments.

    They are vendored copies, wheels kept for later installation, and packages of conda.
    """

    ground: Ground
    purls: frozenset[str]

    @property
    def name(self) -> str:
        """Name in messages."""
        return "python elsewhere"

    def claims(self, aim: Aim) -> bool:
        """Return whether no other patcher has the package."""
        return aim.purl in self.purls

    def propose(self, aims: Sequence[Aim], sandbox: Sandbox) -> Proposal:
        """Return why each package stays; ask nothing."""
        del sandbox
        return Proposal(
            blocked=tuple(self._why(aim, self.ground.inventory.packages[aim.purl]) for aim in aims)
        )

    def apply(self, upgrades: Sequence[Upgrade], sandbox: Sandbox) -> Applied:
        """Do nothing."""
        del upgrades, sandbox
        return Applied()

    def _why(self, aim: Aim, package: Package) -> Blocked:
        if package.ecosystem is Ecosystem.CONDA:
            detail = (
                f"a package of conda's ({package.record}): pip would leave conda's records wrong;"
                " upgrade it with conda and rebuild the image"
            )
            return aim.blocked(BlockReason.NO_MEANS, detail)
        owners = self._owners((package.record, *package.files[:50]), package.purl)
        if package.record.endswith(ARCHIVES):
            brings = (
                f" of {owners}; only a version of that which brings a newer archive fixes it"
                if owners
                else ", which no package owns; what brings the archive is what to upgrade"
            )
            return aim.blocked(BlockReason.FOREIGN, f"inside the archive {package.record}{brings}")
        if owners:
            return aim.blocked(
                BlockReason.FOREIGN,
                f"a copy inside {owners} ({package.record}); only a version of that which carries a"
                " newer one fixes it",
            )
        return aim.blocked(BlockReason.FOREIGN, f"a copy that no package owns ({package.record})")

    def _owners(self, paths: Iterable[ImagePath], purl: str) -> str:
        """Return the installed packages that own one of the paths, in words."""
        inventory = self.ground.inventory
        owners = {
            f"{other.name} {other.version}"
            for path in paths
            for owner in inventory.owners.get(path, ())
            if owner != purl
            and (other := inventory.packages.get(owner)) is not None
            and other.presence is Presence.INSTALLED
        }
        return " and ".join(sorted(owners))


def _by_reason(
    reasons: Mapping[str, Obstacle],
) -> Mapping[tuple[BlockReason, str], tuple[str, ...]]:
    out: dict[tuple[BlockReason, str], list[str]] = {}
    for finding, hurdle in sorted(reasons.items()):
        out.setdefault((hurdle.barrier, hurdle.detail), []).append(finding)
    return {key: tuple(findings) for key, findings in out.items()}


def _purl(move: Move) -> str:
    if move.old is not None:
        return move.old.package.purl
    from packageurl import PackageURL

    return PackageURL("pypi", None, move.name, move.after.version).to_string()
