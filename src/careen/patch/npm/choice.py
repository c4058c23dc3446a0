"""Choice of the possible upgrades of a Node project, and what each closes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from packageurl import PackageURL

from careen.formats.json_document import mapping, text
from careen.formats.versions import UnreadableVersionError
from careen.formats.versions.lines import is_major, is_pre_release, line
from careen.formats.versions.semver import NPM
from careen.model.packages.package import Ecosystem
from careen.model.patching import GONE, Aim, Blocked, BlockReason, PatchChoices, Reach, Upgrade
from careen.model.paths import ImagePath, join
from careen.patch.closing import closed_by
from careen.patch.forbidden import ForbiddenError
from careen.patch.grouping import grouped
from careen.patch.npm.files import Archive, unpack
from careen.patch.npm.plan import Change, Planner
from careen.patch.npm.raising import PinUpgrader
from careen.patch.npm.ranges import satisfies
from careen.patch.npm.registry import askable, sha256_of
from careen.patch.npm.tree import Node, steps_of
from careen.patch.npm.worth import Worth
from careen.patch.port import Proposal
from careen.patch.targets import Choice, choose, is_allowed

_SHOWN = 3
_MAX_TRIES = 6  # versions of one package that do not fit


@dataclass(frozen=True, slots=True)
class Site:
    """A project whose upgrades are chosen.

    `places` are by purl; `node` is the version of Node that runs it, "" if unknown.
    """

    manager: str
    directory: ImagePath
    places: Mapping[str, str]
    node: str
    choices: PatchChoices


@dataclass(slots=True)
class _Planned:
    """What was found so far; `owners` maps changed and removed places to the upgrade's purl."""

    upgrades: dict[str, Upgrade]
    blocked: list[Blocked]
    owners: dict[str, str]


class Chooser:
    """Chooser for one project; `planner` holds what the project becomes."""

    def __init__(self, site: Site, planner: Planner) -> None:
        self._site = site
        self._planner = planner
        self._purls = {place: purl for purl, place in site.places.items()}
        self._planned = _Planned({}, [], {})
        self._places_of: dict[str, str] = {}
        self._aims: dict[str, Aim] = {}
        self._worth = Worth(planner, self._aims, self._usable)
        self._raiser = PinUpgrader(planner, self._purls, self._usable, self._worth.of)

    def proposal(self, aims: Sequence[Aim]) -> Proposal:
        """Return what is possible for the aims; raise ToolError if the registry does not answer.

        Packages that come in another package's archive are handled last.
        """
        nodes = self._planner.tree.nodes.copy()
        bundles: dict[str, list[Aim]] = {}
        pinned: list[Aim] = []
        tree = self._planner.tree
        self._ask_ahead(aims)
        self._aims.update((self._site.places[aim.purl], aim) for aim in aims)
        for aim in sorted(aims, key=lambda each: each.purl):
            place = self._site.places[aim.purl]
            if place not in nodes:
                where = join(self._site.directory, *place.split("/"))
                self._planned.blocked.append(
                    aim.blocked(BlockReason.NO_MEANS, f"its package.json in {where} cannot be read")
                )
                continue
            bundler = tree.bundler(place) or (nodes[place] if nodes[place].bundles else None)
            if bundler is not None:
                bundles.setdefault(bundler.place, []).append(aim)
            elif self._is_pinned(aim, place):
                pinned.append(aim)
        still = [
            aim for aim in pinned if self._is_pinned(aim, self._site.places[aim.purl])
        ]  # what pinned it may have been upgraded since
        for aim in still:
            self._upgrade_with_pinning(aim, self._site.places[aim.purl])
        for place, inner in bundles.items():
            self._bundle(place, inner)
        upgrades = grouped(self._planned.upgrades, self._planner.together, self._site.manager)
        return Proposal(upgrades, tuple(self._planned.blocked), tuple(self._planner.notes))

    def _ask_ahead(self, aims: Sequence[Aim]) -> None:
        """Ask the registry in parallel for all that the aims need."""
        tree = self._planner.tree
        nodes = [
            tree.nodes[place]
            for aim in aims
            if (place := self._site.places[aim.purl]) in tree.nodes
        ]
        asked = [tree.bundler(node.place) or node for node in nodes]
        wanted = [
            (node.name, f">={node.version}")
            for node in asked
            if readable(node.version) and askable(node.name, f">={node.version}")
        ]
        self._planner.registry.prefetch(wanted)

    def _is_pinned(self, aim: Aim, place: str) -> bool:
        """Plan the upgrade of one package; return whether another package pins it."""
        before = len(self._planned.blocked)
        self._single(aim, place)
        if aim.purl in self._planned.upgrades or all(
            each.barrier is not BlockReason.PINNED for each in self._planned.blocked[before:]
        ):
            return False
        del self._planned.blocked[before:]
        return True

    def _upgrade_with_pinning(self, aim: Aim, place: str) -> None:
        """Plan the upgrade of one package with those that pin it, else alone."""
        kept = (
            self._planner.mark(),
            dict(self._planned.upgrades),
            list(self._planned.blocked),
            dict(self._planned.owners),
        )
        node = self._planner.tree.nodes.get(place)
        if node is not None and not node.changed and (targets := self._closing(aim, node)):
            try:
                for purl, changes in self._raiser.free(place, targets):
                    self._enter(purl, (), changes)
                self._single(aim, place)
            except ForbiddenError:
                pass  # everything is reset
            if (upgrade := self._planned.upgrades.get(aim.purl)) is not None and upgrade.closes:
                return
            self._planner.reset(kept[0])
            self._planned.upgrades, self._planned.blocked, self._planned.owners = kept[1:]
        self._single(aim, place)

    def _closing(self, aim: Aim, node: Node) -> list[str]:
        """Return the usable versions that close all that the best of them closes."""
        offered = self._usable(node)
        free = choose(
            aim, offered, self._site.choices.reach, allow_major=self._site.choices.allow_major
        )
        return (
            [version for version in offered if closed_by(aim, version, NPM) >= set(free.closes)]
            if free.closes
            else []
        )

    def _usable(self, node: Node) -> list[str]:
        """Return a package's newer versions that may be used, whatever its dependents allow."""
        if not readable(node.version) or not askable(node.name, f">={node.version}"):
            return []
        offered = self._planner.registry.offers(node.name, f">={node.version}")
        return [
            version
            for version in offered
            if self._may_follow(node, version) and not self._engine_barrier(node, version)
        ]

    def _single(self, aim: Aim, place: str) -> None:
        """Plan the upgrade of one package in its place."""
        node = self._planner.tree.nodes.get(place)
        if node is None or node.changed:
            self._settled(aim, place, node)
            return
        choices = self._site.choices
        if not readable(node.version) or not askable(node.name, f">={node.version}"):
            self._planned.blocked.append(
                aim.blocked(
                    BlockReason.NO_MEANS,
                    f"no registry is asked for {node.name[:80]!r} {node.version[:80]!r}",
                )
            )
            return
        offered = self._planner.registry.offers(node.name, f">={node.version}")
        if not offered:
            self._planned.blocked.append(
                aim.blocked(BlockReason.UNAVAILABLE, f"the registry has no package {node.name}")
            )
            return
        free = choose(aim, offered, choices.reach, allow_major=choices.allow_major)
        closes, why = self._tried(aim, place, self._allowed(place, offered))
        pinned = tuple(finding for finding in free.closes if finding not in closes)
        if pinned:
            barrier, detail = (
                (why.barrier, why.detail)
                if why is not None
                else self._why_not_allowed(place, free.version)
            )
            self._planned.blocked.append(aim.blocked(barrier, detail, pinned))
        for each in free.left:
            if left := tuple(finding for finding in each.findings if finding not in closes):
                self._planned.blocked.append(aim.blocked(each.barrier, each.detail, left))

    def _allowed(self, place: str, offered: Sequence[str]) -> list[str]:
        """Return the versions that all dependents allow and that the image's Node runs."""
        specs = {spec for _, spec in self._planner.tree.dependents(place)}
        node = self._planner.tree.nodes[place]
        fitting = [
            version for version in offered if all(satisfies(version, spec) for spec in specs)
        ]
        return [version for version in fitting if not self._engine_barrier(node, version)]

    def _tried(
        self, aim: Aim, place: str, allowed: list[str]
    ) -> tuple[tuple[str, ...], ForbiddenError | None]:
        """Plan the best possible version; return what it closes, and why the first one failed."""
        why: ForbiddenError | None = None
        for _ in range(_MAX_TRIES):
            choice = self._chosen(aim, place, allowed)
            if not choice.version:
                break
            try:
                changes = self._planner.upgrade(place, choice.version, aim.purl)
            except ForbiddenError as error:
                why = why or error
                allowed = [version for version in allowed if version != choice.version]
                continue
            self._enter(aim.purl, choice.closes, changes)
            return choice.closes, why
        return (), why

    def _chosen(self, aim: Aim, place: str, allowed: Sequence[str]) -> Choice:
        """Choose a version; of those that close the most, one that frees its dependencies most."""
        choices = self._site.choices
        choice = choose(aim, allowed, choices.reach, allow_major=choices.allow_major)
        equal = [
            version
            for version in allowed
            if choice.version
            and is_allowed(aim, version, allow_major=choices.allow_major)
            and closed_by(aim, version, NPM) >= set(choice.closes)
        ]
        node = self._planner.tree.nodes[place]
        worth = {version: self._worth.of(node, version) for version in equal}
        best = [version for version in equal if worth[version] == max(worth.values())]
        if choice.version in best or not best:
            return choice
        return choose(aim, best, choices.reach, allow_major=choices.allow_major)

    def _why_not_allowed(self, place: str, version: str) -> tuple[BlockReason, str]:
        """Return why a version cannot be in a place: a dependent or Node does not allow it."""
        if any(self._planner.forbidding(place, version)):
            return BlockReason.PINNED, _pins(self._planner, place, version)
        return BlockReason.PINNED, self._engine_barrier(self._planner.tree.nodes[place], version)

    def _settled(self, aim: Aim, place: str, node: Node | None) -> None:
        """Record a package that another upgrade has changed or removed."""
        closed = closed_by(aim, node.version, NPM) if node is not None else frozenset(aim.fixes)
        closes = tuple(finding for finding in aim.fixes if finding in closed)
        # A bundle's archive changes the places below its own, too; only its own is recorded.
        owner = next(
            self._planned.owners[step]
            for step in reversed([*steps_of(place)])
            if step in self._planned.owners
        )
        self._record_pulled(aim, owner, node.version if node is not None else GONE, closes)
        if left := tuple(finding for finding in aim.fixes if finding not in closed):
            detail = f"{node.version if node is not None else ''} is needed by another upgrade"
            self._planned.blocked.append(aim.blocked(BlockReason.PINNED, detail, left))

    def _record_pulled(self, aim: Aim, owner: str, target: str, closes: tuple[str, ...]) -> None:
        """Record that an upgrade changes another package with findings; GONE if it removes it."""
        known = self._planned.upgrades.get(aim.purl)
        if known is not None:
            self._planned.upgrades[aim.purl] = replace(known, closes=closes)
        elif closes:
            manager = self._site.manager
            self._planned.upgrades[aim.purl] = Upgrade(
                aim.purl,
                aim.name,
                Ecosystem.NPM,
                aim.version,
                target,
                manager,
                owner,
                closes,
                (owner,),
            )

    def _bundle(self, place: str, aims: Sequence[Aim]) -> None:
        """Plan the upgrade of a package that bundles others in its archive (npm itself).

        Takes the nearest of the versions that close the most.
        """
        registry = self._planner.registry
        nodes = self._planner.tree.nodes
        node = nodes.get(place)
        if node is None or node.changed:
            for aim in aims:
                inside = self._site.places[aim.purl]
                self._settled(aim, inside, nodes.get(inside))
            return
        purl = self._purls.get(place, "")
        if stays := self._planner.wishes.stays(place):
            detail = f"{node.shown[:80]} brings it in its own archive, and {stays}"
            self._planned.blocked.extend(aim.blocked(BlockReason.EXCLUDED, detail) for aim in aims)
            return
        if not purl or not readable(node.version) or not askable(node.name, f">={node.version}"):
            self._planned.blocked.extend(
                aim.blocked(
                    BlockReason.FOREIGN,
                    f"it came with {node.shown[:80]!r}, which no registry is asked for",
                )
                for aim in aims
            )
            return
        best: tuple[str, dict[str, tuple[str, ...]]] = ("", {})
        why = (
            f"{node.shown} brings it in its own archive; no newer version that may be used brings"
            " another"
        )
        successors, barred = self._successors(node, place)
        if barred and not successors:
            why = f"it comes with {node.shown}, and {barred}"
        for version in successors:
            archive = unpack(registry.archive(node.name, version), f"{node.name}@{version}")
            closes = {aim.purl: _closed_in(aim, archive) for aim in aims}
            if sum(map(len, closes.values())) > sum(map(len, best[1].values())):
                best = (version, closes)
        if best[0]:
            try:
                changes = self._planner.upgrade(place, best[0], purl)
            except ForbiddenError as error:
                best, why = ("", {}), error.detail
            else:
                self._enter(purl, best[1].get(purl, ()), changes)
                for aim in aims:
                    now = self._planner.tree.nodes.get(self._site.places[aim.purl])
                    if aim.purl != purl:
                        self._record_pulled(
                            aim, purl, now.version if now is not None else GONE, best[1][aim.purl]
                        )
        for aim in aims:
            left = tuple(
                finding for finding in aim.fixes if finding not in best[1].get(aim.purl, ())
            )
            if left:
                detail = (
                    f"{node.name} {best[0]} bundles a version that is not fixed"
                    f"{f'; {barred}' if barred else ''}"
                    if best[0]
                    else why
                )
                self._planned.blocked.append(aim.blocked(BlockReason.FOREIGN, detail, left))

    def _successors(self, node: Node, place: str) -> tuple[Sequence[str], str]:
        """Return versions of a bundling package to try, and why Node does not run the newest.

        They are the newest of its line, of its major version and of all that may be used. The
        reason is "" if Node runs it.
        """
        choices = self._site.choices
        offered = self._planner.registry.offers(node.name, f">={node.version}")
        newer = sorted((each for each in offered if self._may_follow(node, each)), key=NPM.key)
        allowed = set(self._allowed(place, newer))
        fitting = [version for version in newer if version in allowed]
        barred = self._engine_barrier(node, newer[-1]) if newer else ""
        if choices.reach is Reach.LATEST:
            return fitting[-1:], barred
        same = [version for version in fitting if line(version) == line(node.version)]
        major = [
            version for version in fitting if not is_major(Ecosystem.NPM, node.version, version)
        ]
        return [*dict.fromkeys([*same[-1:], *major[-1:], *fitting[-1:]])], barred

    def _may_follow(self, node: Node, version: str) -> bool:
        if (
            not readable(version)
            or NPM.compare(version, node.version) <= 0
            or is_pre_release(Ecosystem.NPM, version)
        ):
            return False
        if node.place in self._purls:
            return (
                self._planner.wishes.objection(node.place, version, self._purls[node.place]) is None
            )
        return self._site.choices.allow_major or not is_major(Ecosystem.NPM, node.version, version)

    def _engine_barrier(self, node: Node, version: str) -> str:
        """Return why the image's Node does not run a version, "" if it does.

        Also returns "" if it does not run the installed version either.
        """
        here = self._site.node
        if not here:
            return ""
        wanted = _engine(self._planner.registry.published(node.name, version).manifest)
        if (
            not wanted
            or satisfies(here, wanted)
            or not satisfies(here, _engine(node.document) or "*")
        ):
            return ""
        return f"{node.name} {version} runs on Node {wanted[:80]}; {here} is installed"

    def _enter(self, purl: str, closes: tuple[str, ...], changes: Sequence[Change]) -> None:
        """Record an upgrade and what it pulls along."""
        for change in changes:
            self._planned.owners[change.place] = purl
            if change.published is None:
                continue
            own = change is changes[0]
            manifest = change.published.manifest
            name, version = str(manifest["name"]), str(manifest["version"])
            here = (
                purl
                if own
                else self._purls.get(change.place, "")
                or self._fresh_purl(name, version, change.place)
            )
            sha256 = sha256_of(change.published.integrity)
            self._planned.upgrades[here] = Upgrade(
                purl=here,
                name=name,
                ecosystem=Ecosystem.NPM,
                installed=change.before.version if change.before is not None else "",
                target=version,
                manager=self._site.manager,
                group=purl,
                closes=closes if own else (),
                pulled_by=() if own else (purl,),
                origin=(
                    change.published.resolved
                    if sha256
                    else f"{change.published.resolved} {change.published.integrity}"
                ),
                sha256=sha256,
            )

    def _fresh_purl(self, name: str, version: str, place: str) -> str:
        """Return the purl of a new package, with its place if the plain purl is taken."""
        scope, _, own = name.rpartition("/")
        plain = PackageURL("npm", scope or None, own, version).to_string()
        if plain not in self._site.places and self._places_of.setdefault(plain, place) == place:
            return plain
        record = join(self._site.directory, *place.split("/"), "package.json")
        return PackageURL("npm", scope or None, own, version, {"location": record}).to_string()


def _closed_in(aim: Aim, archive: Archive) -> tuple[str, ...]:
    """Return the findings that none of a package's copies in an archive has."""
    there = [
        str(document.get("version", ""))
        for _, document in archive.bundled()
        if document.get("name") == aim.name
    ]
    if archive.document.get("name") == aim.name:
        there.append(str(archive.document.get("version", "")))
    if not all(readable(version) for version in there):
        return ()
    return tuple(
        finding
        for finding in aim.fixes
        if all(finding in closed_by(aim, version, NPM) for version in there)
    )


def _pins(planner: Planner, place: str, version: str) -> str:
    named = [
        f"{node.shown} depends on {planner.tree.nodes[place].name} {spec}"
        for node, spec in planner.forbidding(place, version)
    ]
    more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    return f"{version} is not allowed: {'; '.join(named[:_SHOWN])}{more}"


def _engine(document: Mapping[str, Any]) -> str:
    return text(mapping(document.get("engines")).get("node"))


def readable(version: str) -> bool:
    """Return whether npm can read a version."""
    try:
        NPM.key(version)
    except UnreadableVersionError:
        return False
    return True
