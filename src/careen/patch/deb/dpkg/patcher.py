"""Patcher of Debian packages in images that cannot run apt (distroless, hardened).

The apt of a tooling image finds and verifies the new versions, and careen places their files.
No maintainer script is run; a package whose scripts matter to an image is not upgraded.
"""

from collections.abc import Mapping, Sequence

from careen.errors import InputError, ToolError
from careen.model.packages.package import Ecosystem
from careen.model.patching import Aim, BlockReason, Upgrade
from careen.model.paths import ImagePath
from careen.patch.deb.apt.environment import QUIET
from careen.patch.deb.apt.patcher import missing_apt_programs
from careen.patch.deb.apt.session import AptSession
from careen.patch.deb.dpkg.archive import DebFile
from careen.patch.deb.dpkg.closure import close
from careen.patch.deb.dpkg.fetch import Candidates, Fetcher
from careen.patch.deb.dpkg.groups import Change
from careen.patch.deb.dpkg.installed import (
    DebPackage,
    Key,
    called,
    native_architecture,
    read_installed,
)
from careen.patch.deb.dpkg.place import Installed, Placement, libraries, place
from careen.patch.deb.dpkg.places import Places
from careen.patch.deb.dpkg.records import (
    conffiles,
    has_own_record,
    listed,
    paragraph_of,
    records,
    status_with,
)
from careen.patch.deb.dpkg.scripts import judge
from careen.patch.deb.dpkg.wanted import (
    UpgradeLabels,
    all_blocked,
    by_source,
    key_of,
    missed,
    upgrades_of,
    want,
)
from careen.patch.fips import loses_fips
from careen.patch.port import OFFLINE, Applied, Ground, Patcher, Placed, Proposal
from careen.patch.sandbox import Sandbox

NAME = "dpkg"
_PLACE = "dpkg"
_MANIFEST = "/var/lib/chisel/manifest.wall"
_SHOWN = 8


def find(ground: Ground) -> Sequence[Patcher]:
    """Return a patcher if the image has deb packages and cannot run apt."""
    if any(
        package.ecosystem is Ecosystem.DEB for package in ground.inventory.packages.values()
    ) and missing_apt_programs(ground.rootfs):
        return (DpkgDirect(ground),)
    return ()


class DpkgDirect:
    """Patcher that places the files of deb packages itself."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._installed = read_installed(ground.rootfs)
        self._native = native_architecture(self._installed.values())
        self._debs: dict[str, DebFile] = {}

    @property
    def name(self) -> str:
        return NAME

    def claims(self, aim: Aim) -> bool:
        """Return whether the aim is a deb package."""
        return aim.ecosystem is Ecosystem.DEB

    def propose(self, aims: Sequence[Aim], sandbox: Sandbox) -> Proposal:
        """Choose new versions with the tooling image's apt, and resolve their relations.

        Raises InputError for a tooling image of another release or architecture.
        """
        refusal = self._refusal(sandbox)
        if refusal:
            return Proposal(blocked=all_blocked(aims, BlockReason.NO_MEANS, refusal))
        session = self._session(sandbox)
        if not session.sources.uris or not (self._ground.choices.online or session.sources.local):
            why = (
                OFFLINE
                if session.sources.uris
                else "the tooling image names no signed package sources; name some with --source"
            )
            return Proposal(
                blocked=all_blocked(aims, BlockReason.NO_MEANS, why), notes=session.sources.notes
            )
        session.update()
        of = {key_of(aim, self._ground.inventory): aim for aim in aims}
        wanted = want(of, self._installed, session, self._ground, self._native)
        candidates = Candidates(session, self._native, wanted.tables)
        fetcher = Fetcher(sandbox, session, _PLACE, self._native, self._debs)
        fetcher.fetch([*wanted.versions.values()])
        changes: dict[Key, DebPackage] = {}
        refused: dict[Key, tuple[BlockReason, str]] = {}
        for key, new in wanted.versions.items():
            if objection := self._objection({key: new}):
                refused[key] = objection
        for keys in by_source(
            {key: new for key, new in wanted.versions.items() if key not in refused}
        ).values():
            closure = close(
                {**changes, **{key: wanted.versions[key] for key in keys}},
                self._installed,
                candidates,
            )
            added = {key: new for key, new in closure.changes.items() if key not in changes}
            fetcher.fetch([*added.values()])
            objection = (
                (BlockReason.PINNED, closure.refused) if closure.refused else self._objection(added)
            )
            if objection is None:
                changes = dict(closure.changes)
            else:
                refused.update(dict.fromkeys(keys, objection))
        naming = UpgradeLabels(NAME, self._ground.inventory, candidates.origin)
        upgrades = upgrades_of(
            [Change(self._installed[key], new) for key, new in sorted(changes.items())],
            of,
            self._installed,
            naming,
        )
        blocked = missed(
            aims,
            upgrades,
            wanted.blocked,
            lambda aim: self._why(key_of(aim, self._ground.inventory), wanted.versions, refused),
        )
        return Proposal(upgrades, blocked, session.sources.notes)

    def apply(self, upgrades: Sequence[Upgrade], sandbox: Sandbox) -> Applied:
        """Return the files to place and to remove, package records included.

        Raises ToolError if a planned version is no longer on offer.
        """
        session = self._session(sandbox)
        session.update()
        targets = self._targets(upgrades, session)
        fetcher = Fetcher(sandbox, session, _PLACE, self._native, self._debs)
        fetcher.fetch([*targets.values()])
        before = fetcher.before([self._installed[key] for key in targets])
        places = Places(self._ground.rootfs)
        done: dict[Key, Placement] = {}
        for key, new in targets.items():
            old = self._installed[key]
            installed = Installed(old.name, listed(old, self._ground.rootfs), conffiles(old))
            done[key] = place(self._debs[new.get("SHA256")], before.get(key), installed, places)
        return self._result(targets, done, places)

    def _result(
        self, targets: Mapping[Key, DebPackage], done: Mapping[Key, Placement], places: Places
    ) -> Applied:
        placed: dict[ImagePath, Placed] = {}
        removed: dict[ImagePath, None] = {}
        paragraphs: dict[ImagePath, dict[Key, bytes]] = {}
        for key, new in targets.items():
            old, deb = self._installed[key], self._debs[new.get("SHA256")]
            made, gone = records(old, deb, done[key].present, places)
            placed.update(done[key].placed)
            placed.update({each.entry.path: each for each in made})
            removed.update(done[key].removed)
            removed.update(dict.fromkeys(gone))
            if not has_own_record(old):
                selection = (old.get("Status").split() or ["install"])[0]
                paragraphs.setdefault(ImagePath(old.record), {})[key] = paragraph_of(
                    deb, done[key].present, selection
                )
        for path, new_ones in paragraphs.items():
            placed[path] = status_with(self._ground.rootfs, path, new_ones)
        others = self._owned_by_others(targets)
        gone_at_last = tuple(
            sorted(path for path in removed if path not in placed and path not in others)
        )
        notes = self._notes(targets, done, tuple(placed.values()))
        versions = {
            f"{NAME}:{called(key, self._native)}": version
            for key, version in self._read_back(targets, placed).items()
        }
        return Applied(
            tuple(placed[path] for path in sorted(placed)), gone_at_last, notes, versions
        )

    def _owned_by_others(self, targets: Mapping[Key, DebPackage]) -> frozenset[ImagePath]:
        """Return the paths that belong to packages that are not upgraded."""
        inventory = self._ground.inventory
        changed = {
            package.purl
            for package in inventory.packages.values()
            if (package.name, package.architecture) in targets
        }
        return frozenset(
            path
            for path, purls in inventory.owners.items()
            if any(purl not in changed for purl in purls)
        )

    def _read_back(
        self, targets: Mapping[Key, DebPackage], placed: Mapping[ImagePath, Placed]
    ) -> Mapping[Key, str]:
        from careen.formats.dpkg_status import split_status

        out: dict[Key, str] = {}
        for record in {self._installed[key].record for key in targets}:
            for paragraph in split_status(placed[ImagePath(record)].content, record):
                key = (paragraph.get("Package"), paragraph.get("Architecture"))
                if key in targets:
                    out[key] = paragraph.get("Version")
        for key, new in targets.items():
            if out.get(key) != new.version:
                msg = (
                    f"reading the versions back: {key[0]} is {out.get(key, 'missing')}, expected"
                    f" {new.version}"
                )
                raise ToolError(msg)
        return dict(sorted(out.items()))

    def _notes(
        self,
        targets: Mapping[Key, DebPackage],
        done: Mapping[Key, Placement],
        placed: Sequence[Placed],
    ) -> tuple[str, ...]:
        notes: list[str] = []
        quiet = {
            new.name: judge(
                new.name,
                self._debs[new.get("SHA256")].control,
                self._installed[key].version,
                self._ground.rootfs,
            )
            for key, new in targets.items()
        }
        if scripts := sorted(name for name, verdict in quiet.items() if verdict.scripts):
            notes.append(
                "maintainer scripts were not run, as there is nothing to run them with:"
                f" {_some(scripts)}"
            )
        if kept := sorted(path for each in done.values() for path in each.kept_conffiles):
            notes.append(f"configuration that was changed stays as it is: {_some(kept)}")
        if left := sorted(path for each in done.values() for path in each.left_out):
            notes.append(
                f"left out of the new versions, as the image did not have it: {_some(left)}"
            )
        if outside := libraries(placed, self._ground.rootfs):
            notes.append(
                "libraries with new names outside the loader's own directories, which its cache"
                f" does not know: {_some(outside)}"
            )
        return tuple(notes)

    def _refusal(self, sandbox: Sandbox) -> str:
        """Return why nothing can be upgraded, "" if it can.

        Raises InputError for a tooling image of another release.
        """
        lacking = ", ".join(
            path.rpartition("/")[2] for path in missing_apt_programs(self._ground.rootfs)[:4]
        )
        if sandbox.tooling is None:
            return (
                f"the image has no {lacking}: name an image of the same release that has apt with"
                " --tooling"
            )
        if self._ground.rootfs.find(_MANIFEST) is not None:
            return (
                f"its slices are recorded in {_MANIFEST}, which only chisel writes: cut it again"
                " from the updated archive"
            )
        release = self._ground.inventory.distribution
        if release is None or not release.id or not release.version_id:
            return (
                "the image does not say of which release it is (os-release), so no archive is known"
                " to fit"
            )
        done = sandbox.run(
            ("cat", "/etc/os-release"),
            doing="asking the tooling image for its release",
            env=QUIET,
            in_tooling=True,
        )
        said = {
            name: value.strip().strip("\"'")
            for name, _, value in (line.partition("=") for line in done.output.splitlines())
        }
        if (said.get("ID"), said.get("VERSION_ID")) != (release.id, release.version_id):
            there = f"{said.get('ID', '?')} {said.get('VERSION_ID', '')}".strip()
            msg = (
                f"--tooling {self._ground.choices.tooling!r} is {there}, and the image is"
                f" {release.id} {release.version_id}: name an image of the same release"
            )
            raise InputError(msg)
        return ""

    def _session(self, sandbox: Sandbox) -> AptSession:
        """Open apt in the tooling container with the image's packages as installed."""
        inside = sandbox.directory(_PLACE)
        paragraphs = [_with_status(package) for _, package in sorted(self._installed.items())]
        status = b"".join(paragraphs)
        if (
            sandbox.take(f"{_PLACE}/status", len(status) + 1) != status
        ):  # a rewritten file would make apt rebuild its cache
            sandbox.put(f"{_PLACE}/status", status)
        extra = (
            f"Dir::State::status={inside}/status",
            f"Dir::State::extended_states={inside}/extended_states",
        )
        session = AptSession(
            sandbox,
            self._ground.choices,
            self._ground.rootfs,
            place=_PLACE,
            in_tooling=True,
            extra=extra,
        )
        native = session.architecture()
        if self._native and native != self._native:
            msg = (
                f"--tooling {self._ground.choices.tooling!r} is for"
                f" {native or 'no architecture that dpkg tells'}, and the image for {self._native}"
            )
            raise InputError(msg)
        self._native = native
        return session

    def _objection(self, added: Mapping[Key, DebPackage]) -> tuple[BlockReason, str] | None:
        """Return why these versions cannot be placed, None if they can."""
        for key, new in sorted(added.items()):
            old = self._installed[key]
            if old.held:
                return (
                    BlockReason.HELD,
                    f"it would change {old.name}, which the image holds at {old.version}",
                )
            if loses_fips(old.version, new.version):
                return (
                    BlockReason.FIPS,
                    (
                        f"it would put {new.version} of {old.name} in the place of the FIPS build"
                        f" {old.version}"
                    ),
                )
            verdict = judge(
                new.name, self._debs[new.get("SHA256")].control, old.version, self._ground.rootfs
            )
            if verdict.refused:
                return (
                    BlockReason.NO_MEANS,
                    (
                        f"{new.name} {new.version} cannot be installed without running its scripts:"
                        f" {verdict.refused}"
                    ),
                )
        return None

    def _why(
        self,
        key: Key,
        versions: Mapping[Key, DebPackage],
        refused: Mapping[Key, tuple[BlockReason, str]],
    ) -> tuple[BlockReason, str]:
        new = versions.get(key)
        if new is None:
            return BlockReason.UNAVAILABLE, "the archive offers nothing for it"
        barrier, why = refused.get(key, (BlockReason.PINNED, "it does not go with the others"))
        return barrier, f"to {new.version}: {why}"

    def _targets(
        self, upgrades: Sequence[Upgrade], session: AptSession
    ) -> Mapping[Key, DebPackage]:
        packages = self._ground.inventory.packages
        keys = {
            (packages[each.purl].name, packages[each.purl].architecture): each for each in upgrades
        }
        shown = session.show(
            [(called(key, self._native), each.target) for key, each in keys.items()]
        )
        out: dict[Key, DebPackage] = {}
        for key, each in sorted(keys.items()):
            new = _offered(shown, key, each.target)
            if new is None or (each.sha256 and new.get("SHA256") != each.sha256):
                msg = (
                    f"fetching packages: {each.name} {each.target} is not on offer any more as it"
                    " was planned: plan again"
                )
                raise ToolError(msg)
            out[key] = new
        return out


def _offered(
    shown: Mapping[tuple[str, str, str], DebPackage], key: Key, target: str
) -> DebPackage | None:
    """Return the package on offer with this name and version; that of the same architecture first.

    The architecture of a package can change to `all` or back with a version.
    """
    found = [
        package
        for (name, _, version), package in shown.items()
        if name == key[0] and version == target and package.get("SHA256")
    ]
    return min(found, key=lambda package: package.architecture != key[1], default=None)


def _with_status(package: DebPackage) -> bytes:
    raw = package.paragraph.raw.strip(b"\r\n")
    return raw + (b"\n\n" if package.get("Status") else b"\nStatus: install ok installed\n\n")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (
        f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    )
