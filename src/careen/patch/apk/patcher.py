"""Upgrades of apk packages by apk, in the image or in a tooling container."""

from collections.abc import Mapping, Sequence

from packageurl import PackageURL

from careen.errors import ToolError
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.patching import Aim, Blocked, BlockReason, PatchChoices, Upgrade
from careen.model.runs.engine import CommandResult
from careen.oci.tree.rootfs import Rootfs
from careen.patch.apk.desk import ManagerCommand, set_up
from careen.patch.apk.pins import admits
from careen.patch.apk.words import is_name, is_version, read_policy, read_steps, read_world, refusal
from careen.patch.distribution.holding import choose_within
from careen.patch.distribution.repositories import clean, is_local
from careen.patch.distribution.resolving import Refusal, Step, StepAction, Wanted, resolve
from careen.patch.distribution.transaction import Wish, proposal, wishes_of
from careen.patch.port import OFFLINE, Applied, Placed, Proposal
from careen.patch.sandbox import Sandbox

WORLD = "/etc/apk/world"
REPOSITORIES = "/etc/apk/repositories"
_MAX_WORLD = 4 << 20
_LOCKS = ("/lib/apk/db/lock", "/usr/lib/apk/db/lock")
_MAX_NEW = 1000
_MAX_ROUNDS = 50  # a package that is kept may need others to be kept


class ApkPatcher:
    """Patcher that runs the image's apk."""

    def __init__(
        self,
        rootfs: Rootfs,
        inventory: Inventory,
        choices: PatchChoices,
        packages: Mapping[str, Package],
    ) -> None:
        self.rootfs, self.inventory, self.choices, self.packages = (
            rootfs,
            inventory,
            choices,
            packages,
        )
        world = rootfs.find(WORLD)
        text = (
            rootfs.read(world.path, _MAX_WORLD).decode("utf-8", "replace")
            if world is not None and world.is_file
            else ""
        )
        self.pins = read_world(text)

    @property
    def name(self) -> str:
        return "apk"

    def claims(self, aim: Aim) -> bool:
        return aim.ecosystem is Ecosystem.APK

    def desk(self, sandbox: Sandbox) -> ManagerCommand:
        """Return apk prepared for the image's root."""
        return set_up(sandbox, self.rootfs, self.choices)

    def propose(self, aims: Sequence[Aim], sandbox: Sandbox) -> Proposal:
        """Ask apk for candidates, and simulate each source package's upgrade and all together.

        Raises ToolError for a repository that does not answer or is not signed.
        """
        if not aims:
            return Proposal()
        if why := self.refusal(sandbox):
            return Proposal(blocked=tuple(aim.blocked(BlockReason.NO_MEANS, why) for aim in aims))
        desk = self.desk(sandbox)
        desk.update()
        return self._propose(aims, desk)

    def refusal(self, sandbox: Sandbox) -> str:  # noqa: ARG002 — used by the subclass
        """Return why nothing can be upgraded, "" if it can."""
        return (
            ""
            if self.choices.online or is_local(self.choices.sources or self._repositories())
            else OFFLINE
        )

    def _repositories(self) -> list[str]:
        """Return the addresses of the image's own repositories."""
        directory = self.rootfs.find(f"{REPOSITORIES}.d")
        paths = (
            REPOSITORIES,
            *(self.rootfs.children(directory.path)[:_MAX_NEW] if directory is not None else ()),
        )
        entries = (
            entry
            for path in paths
            if (entry := self.rootfs.find(path)) is not None
            and entry.is_file
            and entry.size <= _MAX_WORLD
        )
        lines = (
            line.split("#")[0].split()
            for entry in entries
            for line in (
                self.rootfs.read(entry.path, _MAX_WORLD).decode("utf-8", "replace").splitlines()
            )
        )
        return [words[-1] for words in lines if words]

    def _propose(self, aims: Sequence[Aim], desk: ManagerCommand) -> Proposal:
        named = sorted({aim.name for aim in aims if is_name(aim.name)})
        offers = read_policy(desk.run(("policy", *named), doing="asking apk for candidates").output)
        chosen: list[Wish] = []
        blocked: list[Blocked] = []
        for aim in aims:
            offered = {
                each.version: each.places
                for each in offers.get(aim.name, ())
                if each.version != aim.version
            }
            pin = self.pins.get(aim.name, "")
            admitted = {version for version in offered if not pin or admits(pin, version)}
            choice = choose_within(
                aim, tuple(offered), admitted, self.choices, (BlockReason.PINNED, f"{WORLD}: {pin}")
            )
            blocked.extend(choice.blocked(aim))
            if choice.version:
                repositories = [
                    place for place in offered[choice.version] if not place.endswith("db/installed")
                ]
                chosen.append(
                    Wish(
                        aim,
                        aim.name,
                        choice.version,
                        choice.closes,
                        clean(repositories[0]) if repositories else "",
                    )
                )
        groups = wishes_of(chosen, self.group)
        resolved = resolve(
            {group: {wish.key: wish.target for wish in wishes} for group, wishes in groups.items()},
            lambda wanted: simulate(desk, wanted),
        )
        found = proposal(self.name, groups, resolved, self.purl)
        return Proposal(found.upgrades, (*blocked, *found.blocked), found.notes)

    def group(self, aim: Aim) -> str:
        """Return the group of an aim: its source package."""
        return f"apk:{aim.source.partition('@')[0] or aim.name}"

    def purl(self, step: Step) -> str:
        """Return the purl of an installed package, or the one a new package will get."""
        package = self.packages.get(step.key)
        if package is not None:
            return package.purl
        other = next(iter(self.packages.values()))
        read = PackageURL.from_string(other.purl)
        qualifiers = {
            key: value
            for key, value in dict(read.qualifiers or {}).items()
            if key in ("arch", "distro")
        }
        return PackageURL("apk", read.namespace, step.name, step.target, qualifiers).to_string()

    def apply(self, upgrades: Sequence[Upgrade], sandbox: Sandbox) -> Applied:
        """Upgrade with apk and restore the world file.

        Raises ToolError if apk fails or does anything that was not planned.
        """
        if not upgrades:
            return Applied()
        desk = self.desk(sandbox)
        if not desk.is_fetched():
            desk.update()
        before = desk.installed()
        commit(desk, upgrades)
        changed = changes(before, desk.installed(), upgrades)
        removed = tuple(
            entry_path
            for path in _LOCKS
            if (entry_path := self.rootfs.walk(path).end) not in self.rootfs
            and self._has_directory(path)
        )
        return Applied(self._world(), removed, _new_configuration(sandbox), changed)

    def _has_directory(self, path: str) -> bool:
        return self.rootfs.find(path.rpartition("/")[0]) is not None

    def _world(self) -> tuple[Placed, ...]:
        entry = self.rootfs.find(WORLD)
        return (
            ()
            if entry is None or not entry.is_file
            else (Placed(entry, self.rootfs.read(entry.path, _MAX_WORLD)),)
        )


def simulate(desk: ManagerCommand, wanted: Wanted) -> tuple[Step, ...] | Refusal:
    """Return what apk would do to reach exactly these versions."""
    return _settle(desk, wanted)[1]


def _settle(desk: ManagerCommand, wanted: Wanted) -> tuple[Wanted, tuple[Step, ...] | Refusal]:
    """Return the packages to ask for, and the steps that apk simulates for them.

    Packages that apk would purge, since nothing in the world file needs them, are asked for too.
    """
    for _ in range(_MAX_ROUNDS):
        done = _add(desk, wanted, ("--simulate",), doing="simulating apk's upgrade")
        if done.status != 0:
            return wanted, Refusal(BlockReason.PINNED, refusal(done.output))
        steps = read_steps(done.output)
        orphans = {
            step.key: step.installed
            for step in steps
            if step.doing is StepAction.REMOVE and step.key not in wanted
        }
        if not orphans:
            return wanted, steps
        wanted = {**wanted, **orphans}
    return wanted, Refusal(
        BlockReason.PINNED,
        f"apk would purge other packages each time that it is asked to keep some ({_MAX_ROUNDS}"
        " times)",
    )


def commit(desk: ManagerCommand, upgrades: Sequence[Upgrade], options: Sequence[str] = ()) -> None:
    """Apply exactly these upgrades.

    Raises ToolError if apk fails or would do anything else.
    """
    wanted, steps = _settle(desk, {upgrade.name: upgrade.target for upgrade in upgrades})
    if isinstance(steps, Refusal):
        msg = (
            f"upgrading with apk: {steps.detail}; the repositories may have changed since the plan:"
            " plan again"
        )
        raise ToolError(msg)
    planned = {(upgrade.name, upgrade.installed, upgrade.target) for upgrade in upgrades}
    other = next(
        (step for step in steps if (step.key, step.installed, step.target) not in planned), None
    )
    if other is not None:
        msg = (
            f"upgrading with apk: it would also {other.doing.value} {other.name}"
            f" {other.target or other.installed}, which was not planned: plan again"
        )
        raise ToolError(msg)
    done = _add(desk, wanted, options, doing="upgrading with apk", long=True)
    errors = [line.strip() for line in done.output.splitlines() if "ERROR" in line]
    if done.status != 0 or errors:
        said = clean(" | ".join(errors) or done.output[-300:])[:300]
        msg = (
            f"upgrading with apk: it ended with {done.status}: {said}; leave that package out with"
            " --exclude"
        )
        raise ToolError(msg)


def changes(
    before: frozenset[str], after: frozenset[str], upgrades: Sequence[Upgrade]
) -> dict[str, str]:
    """Return the versions that apk reports now, as `apk:name` → version.

    Raises ToolError if the changes are not exactly the upgrades.
    """
    gone = {f"{upgrade.name}-{upgrade.installed}" for upgrade in upgrades if upgrade.installed}
    come = {f"{upgrade.name}-{upgrade.target}" for upgrade in upgrades}
    if before - after != gone or after - before != come:
        strange = sorted((before - after) ^ gone | (after - before) ^ come)
        msg = (
            "upgrading with apk: what is installed afterwards is not what was planned:"
            f" {', '.join(strange[:5])}"
        )
        raise ToolError(msg)
    return {f"apk:{upgrade.name}": upgrade.target for upgrade in upgrades}


def _add(
    desk: ManagerCommand, wanted: Wanted, options: Sequence[str], *, doing: str, long: bool = False
) -> CommandResult:
    for name, version in wanted.items():
        if not is_name(name) or not is_version(version):
            msg = f"{doing}: not a package and its version: {name[:80]!r} {version[:80]!r}"
            raise ToolError(msg)
    words = [f"{name}={version}" for name, version in sorted(wanted.items())]
    return desk.run(("add", *options, *words), doing=doing, check=False, long=long)


def _new_configuration(sandbox: Sandbox) -> tuple[str, ...]:
    """Return a note on new configuration files that apk placed next to changed ones."""
    done = sandbox.run(
        ("find", "/etc", "-xdev", "-name", "*.apk-new"),
        doing="looking for new configuration files",
        check=False,
    )
    if done.status != 0:
        return (
            (
                "whether apk left new configuration files (*.apk-new) in /etc cannot be seen: the"
                " image has no find"
            ),
        )
    found = sorted(line for line in done.output.splitlines() if line.startswith("/etc/"))[:_MAX_NEW]
    return (
        (
            (
                "the image's configuration is kept; the packages' new files are next to it: "
                f"{', '.join(found)}"
            ),
        )
        if found
        else ()
    )
