"""Upgrades of apk packages in an image without apk, by the apk of a tooling image.

apk works on a copy with the image's own database. Scripts are not run.
"""

import io
import tarfile
import zlib
from collections.abc import Sequence

from careen.errors import ToolError
from careen.model.patching import Aim, Upgrade
from careen.model.paths import ImagePath
from careen.patch.apk.desk import KEYS, ManagerCommand, set_up
from careen.patch.apk.patcher import WORLD, ApkPatcher, changes, commit
from careen.patch.distribution.shadow import PLACE, RootCopy, fill
from careen.patch.port import Applied, Placed, Proposal
from careen.patch.sandbox import Sandbox

_BASE = (
    "/etc/apk",
    "/lib/apk/db",
    "/usr/lib/apk/db",
    *KEYS,
    "/etc/passwd",
    "/etc/group",
    "/etc/os-release",
    "/usr/lib/os-release",
)
_SKIPPED = (WORLD, "/lib/apk/db/lock", "/usr/lib/apk/db/lock", "/lib/apk/exec", "/usr/lib/apk/exec")
_OPTIONS = ("--no-scripts", "--no-commit-hooks")
_MAX_SCRIPTS = 64 << 20
_MAX_NAMED = 20


class ToolingApkPatcher(ApkPatcher):
    """Patcher that runs the tooling image's apk on a copy of the image."""

    def propose(self, aims: Sequence[Aim], sandbox: Sandbox) -> Proposal:
        """Fill the copy of the image, and ask apk there."""
        if aims and not self.refusal(sandbox):
            self._fill(sandbox, ())
        return super().propose(aims, sandbox)

    def refusal(self, sandbox: Sandbox) -> str:
        """Return why nothing can be upgraded, "" if it can."""
        if sandbox.tooling is None:
            return (
                "the image has no apk; name an image that has, of the same release, with --tooling"
            )
        return super().refusal(sandbox)

    def desk(self, sandbox: Sandbox) -> ManagerCommand:
        """Return the tooling image's apk, prepared for the copy; the copy must be filled first."""
        architecture = next(
            (
                package.architecture
                for package in self.packages.values()
                if package.architecture not in ("", "noarch")
            ),
            "",
        )
        return set_up(sandbox, self.rootfs, self.choices, root=PLACE, architecture=architecture)

    def apply(self, upgrades: Sequence[Upgrade], sandbox: Sandbox) -> Applied:
        """Upgrade the copy with apk, and return the changed files to place.

        Raises ToolError if apk fails or does anything that was not planned.
        """
        if not upgrades:
            return Applied()
        shadow = self._fill(sandbox, upgrades)
        desk = self.desk(sandbox)
        if not desk.is_fetched():
            desk.update()
        before = desk.installed()
        commit(desk, upgrades, _OPTIONS)
        versions = changes(before, desk.installed(), upgrades)
        placed, removed = shadow.changes(_SKIPPED)
        if not any(each.entry.path.endswith("/apk/db/installed") for each in placed):
            msg = "upgrading with apk: its database came back unchanged from the tooling container"
            raise ToolError(msg)
        skipped = _scripts(placed, upgrades)
        new = [each.entry.path for each in placed if each.entry.path.endswith(".apk-new")]
        notes = [
            f"scripts that were not run, as the image has no apk that would: {', '.join(skipped)}"
        ] * bool(skipped)
        notes += [
            (
                "the image's configuration is kept; the packages' new files are next to it: "
                f"{', '.join(new[:_MAX_NAMED])}"
            )
        ] * bool(new)
        return Applied(placed, removed, tuple(notes), versions)

    def _fill(self, sandbox: Sandbox, upgrades: Sequence[Upgrade]) -> RootCopy:
        names = {upgrade.name for upgrade in upgrades}
        files = [
            path
            for name, package in self.packages.items()
            if name in names
            for path in package.files
        ]
        base = [entry.path for path in _BASE if (entry := self.rootfs.find(path)) is not None]
        return fill(sandbox, self.rootfs, [*base, *files])


def _scripts(placed: Sequence[Placed], upgrades: Sequence[Upgrade]) -> list[str]:
    """Return the upgraded packages' skipped scripts and triggers, from apk's script archive."""
    archive = next(
        (
            each
            for each in placed
            if ImagePath(each.entry.path).rpartition("/")[2] in ("scripts.tar", "scripts.tar.gz")
        ),
        None,
    )
    if archive is None:
        return []
    data = archive.content
    wanted = {f"{upgrade.name}-{upgrade.target}": upgrade for upgrade in upgrades}
    out = []
    try:
        if archive.entry.path.endswith(".gz"):
            data = zlib.decompressobj(wbits=31).decompress(data, _MAX_SCRIPTS)
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
            for name in tar.getnames():
                package, _, kind = name.rpartition(".")
                owner = wanted.get(package.rpartition(".")[0])
                if owner is not None and kind in (
                    ("pre-upgrade", "post-upgrade", "trigger")
                    if owner.installed
                    else ("pre-install", "post-install", "trigger")
                ):
                    out.append(f"{owner.name}'s {kind}")
    except (tarfile.TarError, zlib.error) as error:
        msg = f"{archive.entry.path}: what apk wrote there is no archive: {error}"
        raise ToolError(msg) from error
    return sorted(out)[:_MAX_NAMED]
