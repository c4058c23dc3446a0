"""dpkg itself judges the databases after a plan: real packages, installed by dpkg into a root of
their own.
"""

import platform
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level, Outcome, PackagePlan, Plan, Reason
from careen.model.rbom import ImageRef
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.consistency import check_databases
from careen.rewrite.databases import database_edits
from tests.support.trees import Exec, Link, tree

pytestmark = [pytest.mark.root, pytest.mark.dpkg]

IMAGE = ImageRef("demo", None, "sha256:" + "1" * 64, (), "linux/amd64")
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
PACKAGES: dict[str, tuple[str, dict[str, str]]] = {
    "demo-tool": (
        "Architecture: ARCH\nDepends: demo-lib\n",
        {
            "/usr/bin/demo": "#!/bin/sh\n",
            "/usr/share/doc/demo-tool/copyright": "Apache-2.0\n",
            "/usr/share/demo/big data.bin": "x" * 1000,
            "/etc/demo.conf": "a=1\n",
            "/etc/demo.d/extra.conf": "b=1\n",
        },
    ),
    "demo-lib": (
        "Architecture: ARCH\nMulti-Arch: same\n",
        {"/usr/lib/libdemo.so.1": "elf\n", "/usr/share/doc/demo-lib/copyright": "MIT\n"},
    ),
    "demo-spare": (
        "Architecture: all\n",
        {"/usr/bin/spare": "#!/bin/sh\n", "/etc/spare.conf": "c=1\n"},
    ),
}


def dpkg(root: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    command = ["dpkg", f"--root={root}", "--force-unsafe-io", "--log=/dev/null", *argv]
    # the oracle, not careen
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)  # noqa: TID251


def _build(folder: Path, name: str) -> Path:
    extra, files = PACKAGES[name]
    control = folder / "DEBIAN"
    control.mkdir(parents=True)
    control.chmod(0o755)
    head = (
        f"Package: {name}\nVersion: 1.0-1\nMaintainer: Demo <demo@example.org>\nDescription: a"
        " demo\n"
    )
    (control / "control").write_text(head + extra.replace("ARCH", ARCHITECTURE))
    conffiles = [path for path in files if path.startswith("/etc/")]
    (control / "conffiles").write_text("".join(f"{path}\n" for path in conffiles))
    for path, content in files.items():
        target = folder / path[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
    deb = folder.with_suffix(".deb")
    subprocess.run(  # noqa: TID251
        ["dpkg-deb", "--root-owner-group", "-Zgzip", "--build", str(folder), str(deb)],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return deb


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with three packages, installed by dpkg; /lib is a link as after the usr merge."""
    target = tmp_path / "root"
    for folder in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "usr/lib"):
        (target / folder).mkdir(parents=True)
    (target / "var/lib/dpkg/status").touch()
    debs = [_build(tmp_path / "build" / name, name) for name in PACKAGES]
    done = dpkg(target, "--install", *map(str, debs))
    assert done.returncode == 0, done.stderr
    for quiet in (["--audit"], ["--verify"]):
        assert dpkg(target, *quiet).stdout == ""
    return target


def rootfs_of(root: Path) -> Rootfs:
    """The directory as the index that careen works on."""
    files: dict[str, bytes | str | Link | None] = {}
    for path in sorted(root.rglob("*")):
        inside = "/" + str(path.relative_to(root))
        if path.is_symlink():
            files[inside] = Link(str(path.readlink()))
        elif path.is_dir():
            files[inside] = None
        else:
            data = path.read_bytes()
            files[inside] = Exec(data) if path.stat().st_mode & 0o111 else data
    return tree(files)


def apply(root: Path, is_removed: Callable[[str], bool], whole: str | None = None) -> Rootfs:
    """Do to the directory what careen does to an image: remove the paths, write the databases.
    Returns the root as it was.
    """
    before = rootfs_of(root)
    purls = {name: f"pkg:deb/debian/{name}@1.0-1" for name in PACKAGES}
    packages = {
        purl: Package(
            Ecosystem.DEB,
            name,
            "1.0-1",
            purl,
            ImagePath("/var/lib/dpkg/status"),
            (),
            architecture="all" if name == "demo-spare" else ARCHITECTURE,
        )
        for name, purl in purls.items()
    }
    outcomes = {
        purl: PackagePlan(purl, Outcome.REMOVED if name == whole else Outcome.PARTIAL, 0, 0, 0, 0)
        for name, purl in purls.items()
    }
    keep = {entry.path: Reason("observed", "") for entry in before if not is_removed(entry.path)}
    remove = {entry.path: Reason("unused", "") for entry in before if is_removed(entry.path)}
    plan = Plan(IMAGE, Level.CLOSURE, keep, remove, outcomes, "0" * 64)
    edits = database_edits(before, Inventory(packages, {}), plan)
    for path in sorted(remove, reverse=True):
        victim = root / path[1:]
        victim.rmdir() if victim.is_dir() and not victim.is_symlink() else victim.unlink()
    for path, content in edits.items():
        (root / path[1:]).write_bytes(content)
    return before


def assert_true(root: Path, before: Rootfs) -> None:
    """Neither dpkg has anything to say, nor careen's own check."""
    for argv in ("--audit", "--verify"):
        done = dpkg(root, argv)
        assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert check_databases(rootfs_of(root), Inventory({}, {}), before) == ()


def listed(root: Path, package: str) -> list[str]:
    return dpkg(root, "--listfiles", package).stdout.splitlines()


def test_a_package_removed_in_part_stays_and_lists_what_is_there(root: Path) -> None:
    gone = (
        "/usr/share/demo",
        "/usr/share/demo/big data.bin",
        "/etc/demo.d",
        "/etc/demo.d/extra.conf",
    )
    before = apply(root, lambda path: path in gone)
    assert_true(root, before)
    assert "Status: install ok installed" in dpkg(root, "--status", "demo-tool").stdout
    assert [path for path in listed(root, "demo-tool") if (root / path[1:]).is_file()] == [
        "/etc/demo.conf",
        "/usr/bin/demo",
        "/usr/share/doc/demo-tool/copyright",
    ]
    assert all((root / path[1:]).exists() for path in listed(root, "demo-tool"))
    assert " /etc/demo.conf " in dpkg(root, "--status", "demo-tool").stdout
    assert "extra.conf" not in dpkg(root, "--status", "demo-tool").stdout


def test_a_package_removed_whole_is_not_installed_any_more(root: Path) -> None:
    owned = {"/usr/bin/spare", "/etc/spare.conf"}
    before = apply(
        root,
        lambda path: path in owned or path.startswith("/var/lib/dpkg/info/demo-spare."),
        "demo-spare",
    )
    assert_true(root, before)
    assert dpkg(root, "--status", "demo-spare").returncode == 1
    assert "Status: install ok installed" in dpkg(root, "--status", "demo-lib").stdout


def test_every_file_of_a_package_gone_but_the_licence(root: Path) -> None:
    before = apply(root, lambda path: path == "/usr/lib/libdemo.so.1")
    assert_true(root, before)
    assert [
        path for path in listed(root, f"demo-lib:{ARCHITECTURE}") if (root / path[1:]).is_file()
    ] == ["/usr/share/doc/demo-lib/copyright"]


def test_a_diverted_file_stays_listed_under_its_own_name(root: Path) -> None:
    divert = [
        "dpkg-divert",
        f"--admindir={root}/var/lib/dpkg",
        "--root",
        str(root),
        "--local",
        "--rename",
        "--divert",
        "/usr/bin/demo.real",
        "/usr/bin/demo",
    ]
    # see above
    done = subprocess.run(divert, capture_output=True, text=True, check=False, timeout=60)  # noqa: TID251
    assert done.returncode == 0, done.stderr
    before = apply(root, lambda path: path == "/usr/share/demo/big data.bin")
    assert_true(root, before)
    assert (root / "usr/bin/demo.real").exists()
    assert "/usr/bin/demo" in listed(root, "demo-tool")


def test_dpkg_can_still_install_over_the_result(root: Path, tmp_path: Path) -> None:
    apply(root, lambda path: path in ("/usr/share/demo/big data.bin", "/etc/demo.d/extra.conf"))
    done = dpkg(root, "--install", str(tmp_path / "build" / "demo-tool.deb"))
    assert (done.returncode, done.stderr) == (0, "")
    assert (root / "usr/share/demo/big data.bin").read_text() == "x" * 1000


@pytest.mark.parametrize(
    ("path", "change"),
    [("/usr/bin/demo", "changed"), ("/usr/lib/libdemo.so.1", None)],
    ids=["content", "missing"],
)
def test_what_dpkg_finds_wrong_the_check_finds_wrong(
    root: Path, path: str, change: str | None
) -> None:
    before = rootfs_of(root)
    victim = root / path[1:]
    victim.unlink() if change is None else victim.write_text(change)
    assert path in dpkg(root, "--verify").stdout
    breaches = check_databases(rootfs_of(root), Inventory({}, {}), before)
    assert any(path[1:] in breach for breach in breaches)
    assert check_databases(rootfs_of(root), Inventory({}, {}), rootfs_of(root)) == ()
