"""What careen finds of a distribution's packages, beside what Syft finds: all of it, with the same
version and the same purl.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from packageurl import PackageURL

from careen.evidence.scanners.purl import scanner_purl
from careen.inventory.scan import scan, scan_contents
from careen.tools.process import check
from tests.support.directories import rootfs_of
from tests.support.rpm_roots import as_berkeley_db, build_rpms, installed_by_rpm

pytestmark = pytest.mark.syft

SYFT = Path(sys.executable).parent / "syft"
NO_PACKAGES = {
    "gone"
    # removed but for its configuration (dpkg's state config-files): this Syft lists it as if it
    # were
    # there
}

APK = """P:musl
V:1.2.5-r0
A:x86_64
L:MIT
o:musl
F:lib
R:ld-musl-x86_64.so.1

P:libcrypto3
V:3.3.2-r1
A:x86_64
L:Apache-2.0
o:openssl
D:so:libc.musl-x86_64.so.1
F:lib
R:libcrypto.so.3

"""
DPKG = """Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc
Version: 2.41-12

Package: bash
Status: install ok installed
Architecture: amd64
Source: bash (5.2.37-2)
Version: 5.2.37-2+b5

Package: login
Status: install ok installed
Architecture: amd64
Source: shadow
Version: 1:4.16.0-2+really2.41-5

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

"""
MANIFEST = (
    "openssl-libs\t3.3.0-2.azl3\t1718000000\t1717000000\tMicrosoft"
    " Corporation\t(none)\t100\tx86_64\t0\topenssl-3.3.0-2.azl3.src.rpm\n"
)


def written(root: Path, release: str, path: str, text: str) -> None:
    for name, content in (("etc/os-release", release), (path, text)):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


def alpine(root: Path) -> None:
    written(root, "ID=alpine\nVERSION_ID=3.20.3\n", "lib/apk/db/installed", APK)


def wolfi(root: Path) -> None:
    written(root, "ID=wolfi\nVERSION_ID=20230201\n", "usr/lib/apk/db/installed", APK)
    (root / "lib").symlink_to("usr/lib")


def debian(root: Path) -> None:
    written(root, "ID=debian\nVERSION_ID=13\n", "var/lib/dpkg/status", DPKG)


def distroless(root: Path) -> None:
    written(
        root,
        "ID=debian\nVERSION_ID=12\n",
        "var/lib/dpkg/status.d/tzdata",
        "Package: tzdata\nArchitecture: all\nVersion: 2025b-0+deb12u1\nSource: tzdata (2025b)\n",
    )


def held_against_syft(root: Path) -> int:
    """Compare; return how many packages there are."""
    out = root.parent / "syft.json"
    check(
        [str(SYFT), "scan", "-q", "-o", f"syft-json={out}", f"dir:{root}"],
        timeout=300,
        doing="asking syft",
    )
    theirs = {
        (item["name"], item["version"], PackageURL.from_string(item["purl"]))
        for item in json.loads(out.read_bytes())["artifacts"]
    }
    rootfs = rootfs_of(root)
    inventory = scan_contents(rootfs, scan(rootfs))
    ours = {
        (package.name, package.version, scanner_purl(package, inventory.distribution))
        for package in inventory.packages.values()
    }
    assert ours == {item for item in theirs if item[0] not in NO_PACKAGES}
    return len(ours)


@pytest.mark.parametrize(
    ("make", "number"), [(alpine, 2), (wolfi, 2), (debian, 3), (distroless, 1)]
)
def test_a_distribution_s_packages_are_those_of_syft(
    make: Callable[[Path], None], number: int, tmp_path: Path
) -> None:
    make(tmp_path / "root")
    assert held_against_syft(tmp_path / "root") == number


@pytest.fixture(scope="module")
def rpms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_rpms(tmp_path_factory.mktemp("rpms"))


@pytest.mark.rpm
@pytest.mark.parametrize("backend", ["sqlite", "ndb", "bdb"])
def test_packages_that_rpm_installed_are_those_of_syft(
    backend: str, rpms: Path, tmp_path: Path
) -> None:
    installed_by_rpm(rpms, tmp_path / "root", "sqlite" if backend == "bdb" else backend)
    if backend == "bdb":
        as_berkeley_db(tmp_path / "root")
    assert held_against_syft(tmp_path / "root") == 5


def test_a_manifest_s_packages_are_those_of_syft(tmp_path: Path) -> None:
    """But for the purl, in which Syft leaves the distribution out, and epochs, for which it takes
    the size.
    """
    written(
        tmp_path / "root",
        "ID=azurelinux\nVERSION_ID=3.0\n",
        "var/lib/rpmmanifest/container-manifest-2",
        MANIFEST,
    )
    out = tmp_path / "syft.json"
    check(
        [str(SYFT), "scan", "-q", "-o", f"syft-json={out}", f"dir:{tmp_path / 'root'}"],
        timeout=300,
        doing="asking syft",
    )
    theirs = {(item["name"], item["version"]) for item in json.loads(out.read_bytes())["artifacts"]}
    assert theirs == {("openssl-libs", "3.3.0-2.azl3")}
    rootfs = rootfs_of(tmp_path / "root")
    assert {
        (package.name, package.version)
        for package in scan_contents(rootfs, scan(rootfs)).packages.values()
    } == theirs
