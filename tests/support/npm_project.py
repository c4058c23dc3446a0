"""One Node project of an image, with a stand-in for npm that answers from a registry of its own."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from careen.inventory.node import find as node
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.patching import Aim, Blocked, PatchChoices, Upgrade
from careen.model.paths import ImagePath
from careen.model.runs.engine import Container
from careen.oci.tree.rootfs import Rootfs
from careen.patch.npm.patcher import find
from careen.patch.policy import Policy
from careen.patch.port import Applied, Ground, Patcher
from careen.patch.sandbox import Sandbox
from tests.support.npm_registry import FakeNpm, NpmPackages
from tests.support.trees import Link, tree


class Try:
    """One image, one registry, one run."""

    def __init__(
        self,
        files: Mapping[str, bytes | str | Link | None],
        packages: NpmPackages,
        scratch: Path,
        **choices: Any,
    ) -> None:
        self.rootfs: Rootfs = tree(files)
        found: dict[str, Package] = {}
        for package in node.find(self.rootfs).packages:
            found[
                package.purl
                if package.purl not in found
                else f"{package.purl}?location={package.record}"
            ] = package
        owners: dict[ImagePath, tuple[str, ...]] = choices.pop("owners", {})
        self.inventory = Inventory(
            {purl: replace(package, purl=purl) for purl, package in found.items()}, owners
        )
        self.npm = FakeNpm(packages, scratch)
        self.sandbox = Sandbox(cast("Container", self.npm), scratch)
        policy: Policy = choices.pop("policy", Policy())
        self.ground = Ground(self.rootfs, self.inventory, PatchChoices(**choices), policy)
        self.patchers = find(self.ground)

    def propose(
        self, fixes: Mapping[str, Mapping[str, tuple[str, ...]]]
    ) -> tuple[list[Upgrade], list[Blocked], Patcher | None]:
        aims = [
            Aim(each.purl, each.name, each.version, Ecosystem.NPM, dict(fixes[each.name]))
            for each in self.inventory.packages.values()
            if each.name in fixes
        ]
        upgrades: list[Upgrade] = []
        blocked: list[Blocked] = []
        worked: Patcher | None = None
        for patcher in self.patchers:
            if theirs := [aim for aim in aims if patcher.claims(aim)]:
                proposal = patcher.propose(theirs, self.sandbox)
                upgrades.extend(proposal.upgrades)
                blocked.extend(proposal.blocked)
                worked = patcher if proposal.upgrades else worked
        return upgrades, blocked, worked

    def patch(
        self, fixes: Mapping[str, Mapping[str, tuple[str, ...]]]
    ) -> tuple[list[Upgrade], Applied, dict[str, str]]:
        """The files of the image afterwards: JSON, or text, by path."""
        upgrades, _, patcher = self.propose(fixes)
        assert patcher is not None
        applied = patcher.apply(upgrades, self.sandbox)
        after: dict[str, str] = {}
        for entry in self.rootfs:
            if not entry.is_dir and not any(
                f"{entry.path}/".startswith(f"{gone}/") for gone in applied.removed
            ):
                after[entry.path] = (
                    entry.target
                    if entry.is_symlink
                    else self.rootfs.read(entry.path, 1 << 20).decode()
                )
        for placed in applied.placed:
            if not placed.entry.is_dir:
                after[placed.entry.path] = (
                    placed.entry.target if placed.entry.is_symlink else placed.content.decode()
                )
        return upgrades, applied, after
