"""rpm packages of an image without dnf or rpm: this machine's own dnf as the tooling image's."""

import os
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from careen.inventory.rpm import find as inventory
from careen.inventory.scan import scan
from careen.model.entry import EntryKind
from careen.model.packages.package import Ecosystem, Inventory
from careen.model.patching import Aim, BlockReason, PatchChoices
from careen.model.runs.engine import CommandResult
from careen.patch.distribution.shadow import PLACE
from careen.patch.port import Applied, Ground, Placed
from careen.patch.rpm import find as dnf
from careen.patch.sandbox import INSIDE, Sandbox
from careen.tools import process
from tests.support.directories import rootfs_of
from tests.support.rpm_repositories import LIMIT, make_repository, make_signer, spec
from tests.support.rpm_roots import rpm_at
from tests.support.told import ToldContainer

pytestmark = [pytest.mark.rpm, pytest.mark.root]

OLD = (
    spec("app", "1.0"),
    spec("lib", "1.0"),
    spec("tight", "1.0", fields=["Requires: strict = 1.0"]),
    spec("strict", "1.0"),
)
NEW = (
    spec(
        "app",
        "1.1",
        fields=["Requires: lib >= 1.1", "Requires: more"],
        scripts="%post -p <lua>\nprint('x')",
    ),
    spec("lib", "1.1"),
    spec("more", "3.0"),
    spec("strict", "1.1"),
)


class ThisMachine(ToldContainer):
    """The tooling container: commands run here, with its two places in a directory of the test."""

    def __init__(self, scratch: Path, root: Path) -> None:
        super().__init__(lambda _: (0, ""))
        self.scratch, self.root = scratch, root

    def exec(
        self, argv: tuple[str, ...], timeout: float, *, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        words = [
            word.replace(INSIDE, str(self.scratch)).replace(PLACE, str(self.root)) for word in argv
        ]
        for path in self.scratch.rglob("*.repo"):
            path.write_text(path.read_text().replace(INSIDE, str(self.scratch)))
        if shutil.which(words[0]) is None:
            return CommandResult(127, f"{words[0]}: not found")
        done = process.run(
            words,
            timeout=timeout,
            env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000", **(env or {})},
        )
        return CommandResult(done.status, (done.stdout + done.stderr).decode("utf-8", "replace"))

    def changes(self, destination: Path) -> None:
        with tarfile.open(destination, "w", format=tarfile.PAX_FORMAT) as tar:
            tar.add(self.root, PLACE.lstrip("/"))


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A root without programs, a repository with newer packages, and the key that signs them."""
    directory = tmp_path_factory.mktemp("shadow")
    key = make_signer(directory)
    old, new = make_repository(directory, "old", OLD), make_repository(directory, "new", NEW)
    root = directory / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/os-release").write_text('ID="rhel"\nVERSION_ID="9"\n')
    process.check(
        [*rpm_at(root, "sqlite"), "-i", "--nosignature", *map(str, old.glob("*.rpm"))],
        timeout=LIMIT,
        doing="installing rpms",
    )
    (root / "etc/app.conf").write_text("changed\n")
    return root, new, key


def aim(found: Inventory, name: str, fix: str) -> Aim:
    package = next(each for each in found.packages.values() if each.name == name)
    return Aim(
        package.purl, name, package.version, Ecosystem.RPM, {f"CVE-{name}": (fix,)}, package.source
    )


def placed_over(root: Path, done: Applied) -> None:
    for path in done.removed:
        (root / path.lstrip("/")).unlink(missing_ok=True)
    for each in done.placed:
        _place(root / each.entry.path.lstrip("/"), each)


def _place(path: Path, placed: Placed) -> None:
    if placed.entry.kind is EntryKind.DIRECTORY:
        path.mkdir(exist_ok=True, mode=placed.entry.mode)
    else:
        path.write_bytes(placed.content)
        path.chmod(placed.entry.mode)
        os.utime(path, (placed.entry.mtime, placed.entry.mtime))


def test_the_image_without_dnf_is_upgraded_by_another_ones(
    ground: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    root, repository, key = ground
    rootfs = rootfs_of(root)
    found = scan(rootfs, (inventory,))
    (patcher,) = dnf.find(
        Ground(rootfs, found, PatchChoices(sources=(f"file://{repository}",), keys=(str(key),)))
    )
    (tmp_path / "scratch").mkdir()
    machine = ThisMachine(tmp_path / "scratch", tmp_path / "root")
    sandbox = Sandbox(
        ToldContainer(lambda argv: pytest.fail(f"run in the image: {argv}")),
        tmp_path / "scratch",
        tooling=machine,
    )
    proposed = patcher.propose([aim(found, "app", "1.1-1"), aim(found, "strict", "1.1-1")], sandbox)
    assert [(each.name, each.barrier) for each in proposed.blocked] == [
        ("strict", BlockReason.PINNED)
    ], proposed.blocked
    assert [
        (each.name, each.installed, each.target, each.closes) for each in proposed.upgrades
    ] == [
        ("app", "1.0-1", "1.1-1", ("CVE-app",)),
        ("lib", "1.0-1", "1.1-1", ()),
        ("more", "", "3.0-1", ()),
    ]
    assert "tight-1.0-1.noarch" in proposed.blocked[0].detail

    done = patcher.apply(proposed.upgrades, sandbox)
    assert done.notes[-1:] == (
        "scriptlets that were not run, as the image has no rpm that would: app's %post",
    )
    assert {each.entry.path for each in done.placed} >= {
        "/usr/share/app/data",
        "/usr/share/more/data",
        "/etc/app.conf.rpmnew",
        "/var/lib/rpm/rpmdb.sqlite",
    }
    assert not [
        each.entry.path
        for each in done.placed
        if each.entry.path.startswith((INSIDE, "/var/cache", "/var/log", "/etc/app.conf/"))
    ]

    copy = tmp_path / "copy"
    shutil.copytree(root, copy, symlinks=True)
    placed_over(copy, done)
    assert (copy / "etc/app.conf").read_text() == "changed\n"
    said = process.check(
        [*rpm_at(copy, "sqlite"), "-qa", "--qf", "%{NAME} %{VERSION}\\n"],
        timeout=LIMIT,
        doing="asking rpm",
    ).text
    assert sorted(said.split("\n")[:-1]) == [
        "app 1.1",
        "lib 1.1",
        "more 3.0",
        "strict 1.0",
        "tight 1.0",
    ]
    process.check(
        [*rpm_at(copy, "sqlite"), "-V", "--nodeps", "lib", "more"],
        timeout=LIMIT,
        doing="verifying files",
    )
    assert {each.name for each in scan(rootfs_of(copy), (inventory,)).packages.values()} == {
        "app",
        "lib",
        "more",
        "strict",
        "tight",
    }
