"""Upgrades of rpm packages in an image without dnf, by the dnf of a tooling image.

dnf works on a copy with the image's own database. Scriptlets are not run.
"""

from collections.abc import Sequence

from careen.errors import ToolError
from careen.model.patching import Aim, Upgrade
from careen.model.paths import ImagePath
from careen.patch.distribution.shadow import PLACE, RootCopy, fill
from careen.patch.port import Applied, Proposal
from careen.patch.rpm.desk import DnfVariant, ManagerCommand, set_up
from careen.patch.rpm.dnf import DnfPatcher, commit
from careen.patch.sandbox import Sandbox

DATABASES = ("/var/lib/rpm", "/usr/lib/sysimage/rpm", "/usr/share/rpm")
_BASE = (
    *DATABASES,
    "/etc/yum.repos.d",
    "/etc/dnf",
    "/etc/pki/rpm-gpg",
    "/etc/rpm",
    "/etc/passwd",
    "/etc/group",
    "/etc/os-release",
    "/usr/lib/os-release",
)
_DOCUMENTS = ("/usr/share/doc/", "/usr/share/man/", "/usr/share/info/")
_SKIPPED = tuple(
    f"/var/lib/dnf{rest}"
    for rest in ("", "/history.sqlite", "/history.sqlite-shm", "/history.sqlite-wal")
)
_SCRIPTS = (
    r"%|PREIN?{%{NAME}'s %%pre\n}|%|POSTIN?{%{NAME}'s %%post\n}|%|POSTTRANS?{%{NAME}'s"
    r" %%posttrans\n}|%|TRIGGERSCRIPTS?{%{NAME}'s triggers\n}|"
)
_MAX_NAMED = 20


class ToolingDnfPatcher(DnfPatcher):
    """Patcher that runs the tooling image's dnf on a copy of the image."""

    def propose(self, aims: Sequence[Aim], sandbox: Sandbox) -> Proposal:
        """Fill the copy of the image, and ask dnf there."""
        if aims and not self.refusal(sandbox):
            self._fill(sandbox, ())
        return super().propose(aims, sandbox)

    def refusal(self, sandbox: Sandbox) -> str:
        """Return why nothing can be upgraded, "" if it can."""
        if sandbox.tooling is None:
            return (
                "the image has no dnf or microdnf; name an image that has dnf, of the same release,"
                " with --tooling"
            )
        return super().refusal(sandbox)

    def desk(self, sandbox: Sandbox) -> ManagerCommand:
        """Return the tooling image's dnf, prepared for the copy; the copy must be filled first.

        Raises ToolError if the tooling image has no dnf.
        """
        for flavour in (DnfVariant.DNF5, DnfVariant.DNF4):
            if (
                sandbox.run(
                    (flavour.value, "--version"),
                    doing="asking for dnf's version",
                    check=False,
                    in_tooling=True,
                ).status
                == 0
            ):
                return set_up(
                    sandbox, self.rootfs, self.choices, (flavour, flavour.value), root=PLACE
                )
        msg = (
            "--tooling: that image has no dnf; name one that has, of the same release as the image"
        )
        raise ToolError(msg)

    def apply(self, upgrades: Sequence[Upgrade], sandbox: Sandbox) -> Applied:
        """Upgrade the copy with dnf, and return the changed files to place.

        Raises ToolError if dnf fails or does anything that was not planned.
        """
        if not upgrades:
            return Applied()
        shadow = self._fill(sandbox, upgrades)
        desk = self.desk(sandbox)
        flags = ["noscripts", "notriggers"] + ["nodocs"] * (not self._has_documents(upgrades))
        done = commit(desk, upgrades, (f"--setopt=tsflags={','.join(flags)}",))
        database = desk.database.place(self.rootfs)
        beside = (
            [f"{database}/{name}" for name in ("rpmdb.sqlite-wal", "rpmdb.sqlite-shm")]
            if desk.database.has_empty_wal(database)
            else []
        )
        skipped = desk.database.scripts([upgrade.name for upgrade in upgrades], _SCRIPTS)
        placed, removed = shadow.changes((*_SKIPPED, f"{database}/.rpm.lock", *beside))
        if not any(each.entry.path.startswith(f"{database}/") for each in placed):
            msg = (
                "upgrading with dnf: the tooling image keeps rpm's database elsewhere than in"
                f" {database}; name one of the same release with --tooling"
            )
            raise ToolError(msg)
        scripts = (
            (
                (
                    "scriptlets that were not run, as the image has no rpm that would:"
                    f" {', '.join(skipped[:_MAX_NAMED])}"
                ),
            )
            if skipped
            else ()
        )
        return Applied(placed, removed, (*done.notes, *scripts), done.versions)

    def _files(self, upgrades: Sequence[Upgrade]) -> list[ImagePath]:
        names = {upgrade.name for upgrade in upgrades}
        return [
            path
            for package in self.packages.values()
            if package.name in names
            for path in package.files
        ]

    def _has_documents(self, upgrades: Sequence[Upgrade]) -> bool:
        return any(path.startswith(_DOCUMENTS) for path in self._files(upgrades))

    def _fill(self, sandbox: Sandbox, upgrades: Sequence[Upgrade]) -> RootCopy:
        base = [entry.path for path in _BASE if (entry := self.rootfs.find(path)) is not None]
        return fill(sandbox, self.rootfs, [*base, *self._files(upgrades)])
