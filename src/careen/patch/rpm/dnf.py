"""Upgrades of rpm packages to exact versions by the image's own dnf or microdnf."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from packageurl import PackageURL

from careen.errors import ToolError
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.patching import Aim, Blocked, BlockReason, PatchChoices, Upgrade
from careen.oci.tree.rootfs import Rootfs
from careen.patch.distribution.holding import choose_within
from careen.patch.distribution.repositories import is_local
from careen.patch.distribution.resolving import Refusal, Step, Wanted, resolve
from careen.patch.distribution.restoring import restored
from careen.patch.distribution.transaction import Wish, proposal, wishes_of
from careen.patch.port import OFFLINE, Applied, Proposal
from careen.patch.rpm.desk import DnfVariant, ManagerCommand, set_up
from careen.patch.rpm.locks import locked_by
from careen.patch.rpm.words import (
    Nevra,
    argument,
    beside,
    failed_scriptlets,
    is_name,
    is_version,
    plain,
    read_steps,
    refusal,
)
from careen.patch.sandbox import Sandbox

_LEFT = ("/var/cache/ldconfig/aux-cache",)
_HISTORY = tuple(f"/var/lib/dnf/history.sqlite{suffix}" for suffix in ("", "-shm", "-wal"))


@dataclass(frozen=True, slots=True)
class Done:
    """Versions that rpm reports after a transaction, and notes on it."""

    versions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class DnfPatcher:
    """Patcher that runs the image's dnf, dnf5 or microdnf."""

    def __init__(
        self,
        rootfs: Rootfs,
        inventory: Inventory,
        choices: PatchChoices,
        packages: Mapping[str, Package],
        program: tuple[DnfVariant, str],
    ) -> None:
        self.rootfs, self.inventory, self.choices, self.packages, self.program = (
            rootfs,
            inventory,
            choices,
            packages,
            program,
        )

    @property
    def name(self) -> str:
        return self.program[0].value

    def claims(self, aim: Aim) -> bool:
        return aim.ecosystem is Ecosystem.RPM

    def desk(self, sandbox: Sandbox) -> ManagerCommand:
        """Return the program prepared for the image's root."""
        return set_up(sandbox, self.rootfs, self.choices, self.program)

    def propose(self, aims: Sequence[Aim], sandbox: Sandbox) -> Proposal:
        """Ask for candidates, and simulate each source package's upgrade and all together.

        Raises ToolError for a repository that does not answer.
        """
        if not aims:
            return Proposal()
        if why := self.refusal(sandbox):
            return Proposal(blocked=tuple(aim.blocked(BlockReason.NO_MEANS, why) for aim in aims))
        return self._propose(aims, self.desk(sandbox))

    def refusal(self, sandbox: Sandbox) -> str:  # noqa: ARG002 — used by the subclass
        """Return why nothing can be upgraded, "" if it can."""
        # dnf needs the network for the image's own repositories.
        return (
            ""
            if self.choices.online or (self.choices.sources and is_local(self.choices.sources))
            else OFFLINE
        )

    def _propose(self, aims: Sequence[Aim], desk: ManagerCommand) -> Proposal:
        names = sorted({aim.name for aim in aims if is_name(aim.name)})
        offers = _by_name(desk.candidates(names))
        hidden = _by_name(desk.candidates(names, excluded=True))
        chosen: list[Wish] = []
        blocked: list[Blocked] = []
        native = self._native()
        for aim in aims:
            package = self.inventory.packages.get(aim.purl)
            arch = package.architecture if package is not None else ""
            open_ = _fitting(offers.get(aim.name, ()), arch, native)
            every = {**open_, **_fitting(hidden.get(aim.name, ()), arch, native)}
            choice = choose_within(
                aim,
                tuple(every),
                set(open_),
                self.choices,
                (BlockReason.HELD, locked_by(self.rootfs, aim.name)),
            )
            blocked.extend(choice.blocked(aim))
            if choice.version:
                nevra, origin = open_[choice.version]
                chosen.append(Wish(aim, nevra.key, nevra.evr, choice.closes, origin))
        groups = wishes_of(chosen, self.group)
        installed = {nevra.key: nevra.evr for nevra in desk.database.packages()}
        resolved = resolve(
            {group: {wish.key: wish.target for wish in wishes} for group, wishes in groups.items()},
            lambda wanted: simulate(desk, wanted, installed, cached=True),
        )
        found = proposal(self.name, groups, resolved, self.purl)
        return Proposal(found.upgrades, (*blocked, *found.blocked), found.notes)

    def _native(self) -> str:
        """Return the most common architecture of the packages, "noarch" if there is no other."""
        counted = Counter(
            package.architecture
            for package in self.packages.values()
            if package.architecture != "noarch"
        )
        return max(counted, key=lambda arch: (counted[arch], arch), default="noarch")

    def group(self, aim: Aim) -> str:
        """Return the group of an aim: its source package."""
        return f"rpm:{aim.source.partition('@')[0] or aim.name}"

    def purl(self, step: Step) -> str:
        """Return the purl of an installed package, or the one a new package will get."""
        package = self.packages.get(step.key)
        if package is not None:
            return package.purl
        read = PackageURL.from_string(next(iter(self.packages.values())).purl)
        epoch, _, bare = step.target.rpartition(":")
        qualifiers = {
            key: value for key, value in dict(read.qualifiers or {}).items() if key == "distro"
        } | {"arch": step.key.rpartition(".")[2]}
        return PackageURL(
            "rpm", read.namespace, step.name, bare, qualifiers | ({"epoch": epoch} if epoch else {})
        ).to_string()

    def apply(self, upgrades: Sequence[Upgrade], sandbox: Sandbox) -> Applied:
        """Upgrade with dnf, and restore caches, locks and logs.

        Raises ToolError if dnf fails or does anything that was not planned.
        """
        desk = self.desk(sandbox)
        done = commit(desk, upgrades) if upgrades else Done()
        place = desk.database.place(self.rootfs)
        logs = (
            [f"{place}/{name}" for name in ("rpmdb.sqlite-wal", "rpmdb.sqlite-shm")]
            if desk.database.has_empty_wal(place)
            else []
        )
        placed, removed = restored(
            self.rootfs,
            (
                *_LEFT,
                f"{place}/.rpm.lock",
                *logs,
                *(_HISTORY if desk.flavour is DnfVariant.MICRO else ()),
            ),
        )
        return Applied(placed, removed, done.notes, done.versions)


def simulate(
    desk: ManagerCommand, wanted: Wanted, installed: Mapping[str, str], *, cached: bool = False
) -> tuple[Step, ...] | Refusal:
    """Return what dnf would do to reach exactly these versions (`--assumeno`).

    With `cached`, dnf uses the metadata that it fetched before.
    """
    fetched = ("-C",) if cached and desk.flavour is not DnfVariant.MICRO else ()
    done = desk.run(
        ("--assumeno", *fetched, "upgrade", *_arguments(wanted)),
        doing=f"simulating the upgrade with {desk.flavour.value}",
    )
    steps = read_steps(done.output, installed)
    return steps or Refusal(BlockReason.PINNED, refusal(done.output))


def commit(desk: ManagerCommand, upgrades: Sequence[Upgrade], options: Sequence[str] = ()) -> Done:
    """Apply exactly these upgrades, and remove the keys imported for them.

    Raises ToolError if dnf fails, or if it would do or did anything else.
    """
    doing = f"upgrading with {desk.flavour.value}"
    before, trusted = desk.database.packages(), desk.database.keys()
    installed = {nevra.key: nevra.evr for nevra in before}
    wanted = {
        _key(upgrade): upgrade.target
        for upgrade in upgrades
        if upgrade.closes or not upgrade.pulled_by
    }
    steps = simulate(desk, wanted, installed)
    if isinstance(steps, Refusal):
        msg = (
            f"{doing}: {steps.detail}; the repositories may have changed since the plan: plan again"
        )
        raise ToolError(msg)
    planned = {(upgrade.name, plain(upgrade.installed), upgrade.target) for upgrade in upgrades}
    other = next(
        (step for step in steps if (step.name, step.installed, step.target) not in planned), None
    )
    if other is not None:
        msg = (
            f"{doing}: it would also {other.doing.value} {other.name}"
            f" {other.target or other.installed}, which was not planned: plan again"
        )
        raise ToolError(msg)
    if desk.flavour is DnfVariant.MICRO:  # microdnf uses only the first of a repository's keys
        desk.database.trust([key.removeprefix("file://") for key in desk.keys])
    done = desk.run(("-y", *options, "upgrade", *_arguments(wanted)), doing=doing, long=True)
    failed = failed_scriptlets(done.output)
    if failed:
        msg = f"{doing}: {' | '.join(failed[:3])}; leave that package out with --exclude"
        raise ToolError(msg)
    if done.status != 0:
        msg = f"{doing}: {desk.explained(done.output)}"
        raise ToolError(msg)
    desk.database.forget(desk.database.keys() - trusted)
    _check(before, desk.database.packages(), upgrades, doing)
    desk.database.verify()
    notes = tuple(
        f"{path}: written by rpm next to configuration that the image had changed"
        for path in beside(done.output)
    )
    return Done(
        {f"{desk.flavour.value}:{upgrade.name}": upgrade.target for upgrade in upgrades}, notes
    )


def _check(
    before: frozenset[Nevra], after: frozenset[Nevra], upgrades: Sequence[Upgrade], doing: str
) -> None:
    gone = {(upgrade.name, plain(upgrade.installed)) for upgrade in upgrades if upgrade.installed}
    come = {(upgrade.name, upgrade.target) for upgrade in upgrades}
    lost, won = (
        {(each.name, each.evr) for each in before - after},
        {(each.name, each.evr) for each in after - before},
    )
    if lost != gone or won != come:
        strange = sorted(f"{name} {version}" for name, version in lost ^ gone | won ^ come)
        msg = (
            f"{doing}: what is installed afterwards is not what was planned:"
            f" {', '.join(strange[:5])}"
        )
        raise ToolError(msg)


def _key(upgrade: Upgrade) -> str:
    arch = dict(PackageURL.from_string(upgrade.purl).qualifiers or {}).get("arch", "")
    return f"{upgrade.name}.{arch}"


def _arguments(wanted: Wanted) -> list[str]:
    for key, version in wanted.items():
        if not is_name(key) or not is_version(version):
            msg = f"upgrading: not a package and its version: {key[:80]!r} {version[:80]!r}"
            raise ToolError(msg)
    return [argument(key, version) for key, version in sorted(wanted.items())]


def _by_name(found: Sequence[tuple[Nevra, str]]) -> dict[str, list[tuple[Nevra, str]]]:
    out: dict[str, list[tuple[Nevra, str]]] = {}
    for nevra, origin in found:
        out.setdefault(nevra.name, []).append((nevra, origin))
    return out


def _fitting(
    found: Sequence[tuple[Nevra, str]], arch: str, native: str
) -> dict[str, tuple[Nevra, str]]:
    """Return the candidates by version, those of the installed architecture first.

    Candidates that change from noarch to the native architecture, or back, are included.
    """
    other = {"noarch": native, native: "noarch"}.get(arch, "")
    out = {nevra.evr: (nevra, origin) for nevra, origin in found if nevra.arch == other}
    return out | {nevra.evr: (nevra, origin) for nevra, origin in found if nevra.arch == arch}
