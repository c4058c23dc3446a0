"""Patchers of Node projects: upgrades of npm packages in their places.

npm reports what is on offer, fetches and checks the archives, and judges the result (`npm ls`).
careen places the files as npm unpacks them. So only upgraded packages and the lock files change,
not package.json, nor what the image's builder left out (`--omit=dev`).
"""

from collections.abc import Mapping, Sequence

from careen.errors import ImageError, ToolError
from careen.model.patching import Aim, BlockReason, Upgrade
from careen.model.paths import ImagePath
from careen.patch.forbidden import ForbiddenError
from careen.patch.npm.check import check
from careen.patch.npm.choice import Chooser, Site, readable
from careen.patch.npm.files import Exchange, unpack
from careen.patch.npm.lock import Lock
from careen.patch.npm.plan import Change, Planner
from careen.patch.npm.project import (
    NotManaged,
    Project,
    ProjectPlace,
    native,
    packages_of,
    read_project,
    seat,
)
from careen.patch.npm.registry import Memory, Published, Registry
from careen.patch.npm.wishes import UserLimits
from careen.patch.port import Applied, Ground, Patcher, Proposal
from careen.patch.sandbox import Sandbox


def find(ground: Ground) -> Sequence[Patcher]:
    """Return a patcher for each project with a `node_modules`, and one for all other packages.

    Nothing is run.
    """
    seats: dict[ImagePath, dict[str, str]] = {}
    elsewhere: dict[str, NotManaged] = {}
    for package in packages_of(ground.inventory):
        found = seat(package, ground.rootfs, ground.inventory)
        match found:
            case ProjectPlace(project, place):
                seats.setdefault(project, {})[package.purl] = place
            case NotManaged():
                elsewhere[package.purl] = found
    projects: list[Patcher] = [
        NodeProject(ground, directory, places) for directory, places in sorted(seats.items())
    ]
    return [*projects, UnmanagedNode(elsewhere)] if elsewhere else projects


class UnmanagedNode:
    """Patcher that blocks Node packages that are not npm's to change, with the reason."""

    name = "npm"

    def __init__(self, why: Mapping[str, NotManaged]) -> None:
        self._why = why

    def claims(self, aim: Aim) -> bool:
        return aim.purl in self._why

    # The signature is Patcher's.
    def propose(self, aims: Sequence[Aim], sandbox: Sandbox) -> Proposal:  # noqa: ARG002
        return Proposal(
            blocked=tuple(
                aim.blocked(self._why[aim.purl].barrier, self._why[aim.purl].detail) for aim in aims
            )
        )

    # The signature is Patcher's.
    def apply(self, upgrades: Sequence[Upgrade], sandbox: Sandbox) -> Applied:  # noqa: ARG002
        if upgrades:
            msg = f"npm: {upgrades[0].name} is not npm's to upgrade"
            raise ToolError(msg)
        return Applied()


class NodeProject:
    """Patcher of one project; `places` are the installed packages by purl."""

    def __init__(self, ground: Ground, directory: ImagePath, places: Mapping[str, str]) -> None:
        self._ground = ground
        self._directory = directory
        self._places = places
        self._read: Project | None = None
        self._memory = Memory()

    @property
    def name(self) -> str:
        """Name in messages: `npm DIRECTORY`."""
        return f"npm {self._directory}"

    def claims(self, aim: Aim) -> bool:
        """Return whether the package belongs to this project."""
        return aim.purl in self._places

    def propose(self, aims: Sequence[Aim], sandbox: Sandbox) -> Proposal:
        """Return what is possible for the aims; raise ToolError if the registry does not answer."""
        if not aims:
            return Proposal()
        try:
            project = self._project()
        except ImageError as error:
            return _all(aims, BlockReason.NO_MEANS, str(error))
        if project.other:
            return _all(
                aims,
                BlockReason.NO_MEANS,
                f"{self._directory} was installed with {project.other}, whose lock file careen does"
                " not write; upgrade there",
            )
        if not self._ground.choices.online:
            return _all(
                aims,
                BlockReason.NO_MEANS,
                "a registry needs the network, and --offline forbids it",
            )
        registry = Registry(sandbox, self._ground.choices, project.settings, self._memory)
        try:
            if not registry.works():
                return _all(
                    aims,
                    BlockReason.NO_MEANS,
                    "neither the image nor a tooling image (--tooling) has an npm that runs",
                )
            site = Site(
                self.name,
                self._directory,
                self._places,
                _node_version(sandbox),
                self._ground.choices,
            )
            return Chooser(site, self._planner(project, registry)).proposal(aims)
        finally:
            registry.close()

    def apply(self, upgrades: Sequence[Upgrade], sandbox: Sandbox) -> Applied:
        """Fetch, check and place the packages, then ask `npm ls`. Raises ToolError."""
        project = self._project()
        registry = Registry(sandbox, self._ground.choices, project.settings, self._memory)
        try:
            if not registry.works():
                msg = f"{self.name}: npm does not run any more"
                raise ToolError(msg)
            planner = self._planner(project, registry)
            exchange = Exchange(self._ground.rootfs, self._directory)
            locks = read_project(
                self._ground.rootfs, self._directory
            ).locks  # read again, because they are changed
            notes: list[str] = []
            done: list[Change] = []
            asked = [
                upgrade
                for upgrade in sorted(upgrades, key=lambda each: each.purl)
                if not upgrade.pulled_by
            ]
            while asked:
                pinned = self._planned(asked, planner, done)
                if len(pinned) == len(asked):
                    upgrade, why = next(iter(pinned.values()))
                    msg = f"{self.name}: {upgrade.name} {upgrade.target}: {why}; plan again"
                    raise ToolError(msg)
                asked = [
                    upgrade for upgrade, _ in pinned.values()
                ]  # what pins it may have been upgraded since
            registry.fetch(
                [
                    _key(change.published)
                    for change in done
                    if change.published is not None and change.bundle is None
                ]
            )
            for change in done:
                self._make(change, exchange, registry)
                notes.extend(_lock(change, locks))
            versions = check(project.tree, planner.tree, sandbox, registry)
        finally:
            registry.close()
        for path, lock in locks.items():
            exchange.file(path, lock.dump())
        read = {
            f"{self.name}:{name}": version for name, version in _told(upgrades, versions).items()
        }
        return Applied(
            exchange.placed(),
            exchange.removed(),
            tuple(dict.fromkeys([*planner.notes, *notes])),
            read,
        )

    def _planned(
        self, upgrades: Sequence[Upgrade], planner: Planner, done: list[Change]
    ) -> dict[str, tuple[Upgrade, str]]:
        """Plan upgrades, add their changes to `done`; return the impossible ones with reasons."""
        out = {}
        for upgrade in upgrades:
            place = self._places.get(upgrade.purl, "")
            if place not in planner.tree.nodes:
                continue  # another upgrade has removed it
            try:
                done.extend(planner.upgrade(place, upgrade.target, upgrade.purl))
            except ForbiddenError as error:
                out[upgrade.purl] = upgrade, error.detail
        return out

    def _project(self) -> Project:
        if self._read is None:
            self._read = read_project(self._ground.rootfs, self._directory)
        return self._read

    def _planner(self, project: Project, registry: Registry) -> Planner:
        wishes = UserLimits(
            self._ground, self._places, {place: purl for purl, place in self._places.items()}
        )
        return Planner(
            project.tree,
            registry,
            lambda place: native(self._ground.rootfs, self._directory, place),
            wishes,
        )

    def _make(self, change: Change, exchange: Exchange, registry: Registry) -> None:
        before = change.before.document if change.before is not None else {}
        if change.published is None:
            exchange.remove(change.place, whole=False)
            exchange.links(change.place, before, {})
            return
        name, version = _key(change.published)
        archive = change.bundle or unpack(registry.archive(name, version), f"{name}@{version}")
        exchange.package(change.place, archive, whole=change.bundle is not None)
        exchange.links(change.place, before, archive.document)


def _key(published: Published) -> tuple[str, str]:
    return str(published.manifest["name"]), str(published.manifest["version"])


def _told(
    upgrades: Sequence[Upgrade], versions: Mapping[str, tuple[str, ...]]
) -> Mapping[str, str]:
    """Return the versions that npm reports for the upgraded packages.

    Of several copies, only the upgraded ones count if npm sees them.
    """
    out: dict[str, str] = {}
    for name in dict.fromkeys(upgrade.name for upgrade in upgrades):
        targets = {upgrade.target for upgrade in upgrades if upgrade.name == name}
        seen = versions.get(name, ())
        if seen:
            out[name] = ", ".join(sorted(targets.intersection(seen)) or seen)
    return out


def _node_version(sandbox: Sandbox) -> str:
    try:
        done = sandbox.run(("node", "--version"), doing="asking node for its version", check=False)
    except ToolError:
        return ""
    found = done.output.strip().removeprefix("v")
    return found if done.status == 0 and readable(found) else ""


def _lock(change: Change, locks: Mapping[ImagePath, Lock]) -> list[str]:
    notes = []
    for path, lock in locks.items():
        stated = lock.version(change.place)
        if change.before is not None and stated != change.before.version:
            notes.append(
                f"{path} states {stated or 'nothing'} for {change.place}, where"
                f" {change.before.version} was: not changed there"
            )
        elif change.published is None:
            lock.drop(change.place)
        else:
            lock.put(
                change.place,
                change.published.manifest,
                change.published.resolved,
                change.published.integrity,
            )
            if change.bundle is not None:
                lock.bundle(change.place, dict(change.bundle.bundled()))
    return notes


def _all(aims: Sequence[Aim], barrier: BlockReason, detail: str) -> Proposal:
    return Proposal(blocked=tuple(aim.blocked(barrier, detail) for aim in aims))
