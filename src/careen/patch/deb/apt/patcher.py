"""Patcher of Debian packages with the image's own apt, dpkg and shell."""

from collections.abc import Mapping, Sequence

from careen.errors import ToolError
from careen.model.packages.package import Ecosystem
from careen.model.patching import Aim, BlockReason, Upgrade
from careen.oci.tree.rootfs import Rootfs
from careen.patch.deb.apt.environment import QUIET
from careen.patch.deb.apt.inplace import InPlace, remove_conffile_copies
from careen.patch.deb.apt.output import Simulation
from careen.patch.deb.apt.session import AptSession
from careen.patch.deb.apt.settle import Objection, Settled, settle
from careen.patch.deb.dpkg.groups import Change
from careen.patch.deb.dpkg.installed import (
    DebPackage,
    Key,
    called,
    native_architecture,
    read_installed,
)
from careen.patch.deb.dpkg.relations import PackageSet, clauses, forbids, meets
from careen.patch.deb.dpkg.wanted import (
    UpgradeLabels,
    Wanted,
    all_blocked,
    by_source,
    is_newer,
    key_of,
    missed,
    upgrades_of,
    want,
)
from careen.patch.fips import loses_fips
from careen.patch.port import OFFLINE, Applied, Ground, Patcher, Proposal
from careen.patch.sandbox import Sandbox

NAME = "apt"
_PLACE = "apt"
_PROGRAMS = (
    *(
        "/bin/sh",
        "/usr/bin/apt-get",
        "/usr/bin/apt-cache",
        "/usr/bin/dpkg",
        "/usr/bin/dpkg-query",
        "/usr/bin/dpkg-deb",
    ),
    *(
        "/bin/tar",
        "/bin/rm",
        "/usr/bin/diff",
        "/sbin/ldconfig",
        "/sbin/start-stop-daemon",
    ),  # dpkg refuses to start without these
)
_VERIFIERS = ("/usr/bin/sqv", "/usr/bin/gpgv")
_METHODS = "/usr/lib/apt/methods/http"


def missing_apt_programs(rootfs: Rootfs) -> tuple[str, ...]:
    """Return the programs that apt needs and the image does not have; empty if apt can run."""
    lacking = [path for path in (*_PROGRAMS, _METHODS) if rootfs.find(path) is None]
    if all(rootfs.find(path) is None for path in _VERIFIERS):
        lacking.append(_VERIFIERS[-1])
    return tuple(lacking)


def find(ground: Ground) -> Sequence[Patcher]:
    """Return a patcher if the image has deb packages and can run apt."""
    if any(
        package.ecosystem is Ecosystem.DEB for package in ground.inventory.packages.values()
    ) and not missing_apt_programs(ground.rootfs):
        return (Apt(ground),)
    return ()


class Apt:
    """Patcher that runs the image's apt."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._installed = read_installed(ground.rootfs)
        self._native = native_architecture(self._installed.values())
        self._seen: tuple[Sandbox, frozenset[tuple[str, str]]] | None = None

    @property
    def name(self) -> str:
        return NAME

    def claims(self, aim: Aim) -> bool:
        """Return whether the aim is a deb package."""
        return aim.ecosystem is Ecosystem.DEB

    def propose(self, aims: Sequence[Aim], sandbox: Sandbox) -> Proposal:
        """Simulate the upgrades with apt under the image's pins and holds.

        Removals and unsigned packages are never proposed.
        """
        session = self._session(sandbox)
        refusal = self._refusal(session)
        if refusal:
            return Proposal(
                blocked=all_blocked(aims, BlockReason.NO_MEANS, refusal),
                notes=session.sources.notes,
            )
        session.update()
        of = {key_of(aim, self._ground.inventory): aim for aim in aims}
        wanted = want(of, self._installed, session, self._ground, self._native)
        words = {
            source: [f"{called(key, self._native)}={wanted.versions[key].version}" for key in keys]
            for source, keys in by_source(wanted.versions).items()
        }
        simulations = _Simulations(session)
        settled = settle(words, simulations, self._objection)
        if simulations.broken:
            detail = (
                "the image's own packages are not in order, so apt changes nothing:"
                f" {simulations.broken}"
            )
            return Proposal(
                blocked=missed(aims, (), wanted.blocked, lambda _: (BlockReason.NO_MEANS, detail)),
                notes=session.sources.notes,
            )
        changes = self._changes(settled.simulation, session)
        self._seen = (
            sandbox,
            frozenset((change.new.name, change.new.version) for change in changes),
        )
        naming = UpgradeLabels(
            NAME, self._ground.inventory, _Origins(session, self._native, changes)
        )
        upgrades = upgrades_of(changes, of, self._installed, naming)
        blocked = missed(
            aims, upgrades, wanted.blocked, lambda aim: self._why(aim, wanted, settled)
        )
        return Proposal(upgrades, blocked, session.sources.notes)

    def apply(self, upgrades: Sequence[Upgrade], sandbox: Sandbox) -> Applied:
        """Upgrade in the image, clean up, and read the versions back.

        Raises ToolError if apt fails, the plan no longer matches, or dpkg's state is inconsistent.
        """
        session = self._session(sandbox)
        session.update()
        words = [
            f"{called(self._key(upgrade), self._native)}={upgrade.target}" for upgrade in upgrades
        ]
        if (
            self._seen is None
            or self._seen[0] is not sandbox
            or self._seen[1] != {(upgrade.name, upgrade.target) for upgrade in upgrades}
        ):
            self._check(upgrades, session.simulate(words))
        with InPlace(
            self._ground.rootfs,
            sandbox,
            _PLACE,
            new=tuple(self._key(each) for each in upgrades if not each.installed),
        ):
            session.install(words)
        audit = sandbox.run(
            ("dpkg", "--audit"), doing="checking dpkg's state", env=QUIET, check=False
        )
        if audit.status != 0 or audit.output.strip():
            said = " ".join(audit.output.split())[:300]
            said = said or f"dpkg --audit ended with {audit.status}"
            msg = f"checking dpkg's state after the upgrade: {said}"
            raise ToolError(msg)
        kept = remove_conffile_copies(self._ground.rootfs, sandbox)
        notes = tuple(
            f"{path} is not as its package brought it, and stays so; the new version's is not taken"
            for path in kept
        )
        return Applied(notes=notes, versions=self._read_back(upgrades, sandbox))

    def _session(self, sandbox: Sandbox) -> AptSession:
        return AptSession(sandbox, self._ground.choices, self._ground.rootfs, place=_PLACE)

    def _refusal(self, session: AptSession) -> str:
        if not session.sources.uris:
            return (
                "the image names no signed package sources; name some with --source 'deb URI SUITE"
                " COMPONENT…'"
            )
        if not self._ground.choices.online and not session.sources.local:
            return OFFLINE
        native = session.architecture()
        if not native:
            return "dpkg does not run in the image; name an image that has apt with --tooling"
        self._native = native
        return ""

    def _objection(self, simulation: Simulation) -> Objection | None:
        """Return why a simulated upgrade is not acceptable, None if it is."""
        if simulation.problem:
            return BlockReason.PINNED, simulation.problem
        if simulation.removed:
            return BlockReason.PINNED, f"it would remove {', '.join(simulation.removed[:3])}"
        for step in simulation.steps:
            old = self._old(step.name, step.architecture)
            if old is None:
                continue
            if old.held:
                return (
                    BlockReason.HELD,
                    f"it would change {old.name}, which the image holds at {old.version}",
                )
            if loses_fips(old.version, step.target):
                return (
                    BlockReason.FIPS,
                    (
                        f"it would put {step.target} of {old.name} in the place of the FIPS build"
                        f" {old.version}"
                    ),
                )
            if not is_newer(step.target, old.version):
                return (
                    BlockReason.PINNED,
                    f"it would take {old.name} back from {old.version} to {step.target}",
                )
        return None

    def _old(self, name: str, architecture: str) -> DebPackage | None:
        bare, _, foreign = name.partition(":")
        for key in ((bare, architecture), (bare, "all"), (bare, foreign or self._native)):
            if key in self._installed:
                return self._installed[key]
        return None

    def _changes(self, simulation: Simulation, session: AptSession) -> list[Change]:
        shown = session.show([(step.name, step.target) for step in simulation.steps])
        out: list[Change] = []
        for step in simulation.steps:
            new = shown.get((step.name.partition(":")[0], step.architecture, step.target))
            if new is None:
                msg = (
                    f"asking apt about versions: it would install {step.name} {step.target} and"
                    " says nothing about it"
                )
                raise ToolError(msg)
            out.append(Change(self._old(step.name, step.architecture), new))
        return out

    def _why(self, aim: Aim, wanted: Wanted, settled: Settled) -> tuple[BlockReason, str]:
        key = key_of(aim, self._ground.inventory)
        new = wanted.versions.get(key)
        if new is None:
            return BlockReason.UNAVAILABLE, "apt offers nothing for it"
        barrier, reason = settled.refused.get(
            new.source, (BlockReason.PINNED, "apt would not take it with the others")
        )
        return barrier, f"to {new.version}: {reason}{self._pinned_by(key, new)}"

    def _pinned_by(self, key: Key, new: DebPackage) -> str:
        """Return as text which installed package conflicts with the version, "" if unknown."""
        old = self._installed[key]
        world = PackageSet(package for package in self._installed.values() if package is not old)
        for other in sorted(self._installed.values(), key=lambda package: package.key):
            for field, clause in clauses(other) if other is not old else ():
                if (
                    any(meets(old, one) for one in clause)
                    and not any(meets(new, one) for one in clause)
                    and not world.gives(clause)
                ):
                    return (
                        f" ({other.name} {other.version}: {field}: {' | '.join(map(str, clause))})"
                    )
            if against := forbids(new, other):
                return f" ({new.name} {new.version} conflicts with {against})"
            if against := forbids(other, new):
                return f" ({other.name} {other.version} conflicts with {against})"
        return ""

    def _key(self, upgrade: Upgrade) -> Key:
        return key_of(upgrade, self._ground.inventory)

    def _check(self, upgrades: Sequence[Upgrade], simulation: Simulation) -> None:
        """Raise ToolError unless the simulation does exactly what was proposed."""
        if why := self._objection(simulation):
            msg = f"installing upgrades with apt: {why[1]}; plan again"
            raise ToolError(msg)
        expected = {(upgrade.name, upgrade.target) for upgrade in upgrades}
        found = {(step.name.partition(":")[0], step.target) for step in simulation.steps}
        if found != expected:
            other = sorted(f"{name} {version}" for name, version in found ^ expected)
            msg = (
                "installing upgrades with apt: what it would do is not what was planned"
                f" ({', '.join(other[:5])}): the mirror has changed; plan again"
            )
            raise ToolError(msg)

    def _read_back(self, upgrades: Sequence[Upgrade], sandbox: Sandbox) -> Mapping[str, str]:
        names = [called(self._key(upgrade), self._native) for upgrade in upgrades]
        form = "${Package}\t${Architecture}\t${Version}\t${db:Status-Status}\n"
        done = sandbox.run(
            ("dpkg-query", "-W", f"-f={form}", "--", *names),
            doing="reading the versions back",
            env=QUIET,
        )
        rows = [line.split("\t") for line in done.output.splitlines()]
        found = {
            called((row[0], row[1]), self._native): row[2]
            for row in rows
            if len(row) == 4 and row[3] == "installed"  # noqa: PLR2004
        }
        for name, upgrade in zip(names, upgrades, strict=True):
            if found.get(name) != upgrade.target:
                msg = (
                    f"reading the versions back: {name} is {found.get(name, 'not installed')},"
                    f" expected {upgrade.target}"
                )
                raise ToolError(msg)
        return {f"{NAME}:{name}": found[name] for name in sorted(names)}


class _Simulations:
    """Simulator that stops asking apt once it turns out that the installed packages are broken.

    `broken` then holds apt's reason.
    """

    def __init__(self, session: AptSession) -> None:
        self._session = session
        self._checked = False
        self.broken = ""

    def __call__(self, words: Sequence[str]) -> Simulation:
        if self.broken:
            return Simulation(problem=self.broken)
        simulation = self._session.simulate(words)
        if simulation.problem and not self._checked:
            self._checked = True
            self.broken = self._session.broken()
        return simulation


class _Origins:
    """Origins of the new versions, read from apt once."""

    def __init__(self, session: AptSession, native: str, changes: Sequence[Change]) -> None:
        self._native = native
        self._tables = session.policy([called(change.new.key, native) for change in changes])

    def __call__(self, package: DebPackage) -> str:
        table = self._tables.get(called(package.key, self._native))
        offer = table.offer(package.version) if table is not None else None
        return offer.origins[0] if offer is not None and offer.origins else ""
