"""What careen reads of rpm's databases, beside what rpm itself says of them."""

import hashlib
from pathlib import Path

import pytest

from careen.inventory.port import Found
from careen.inventory.rpm import find as rpm
from careen.inventory.rpm.digests import rpm_digests
from careen.tools.process import check
from tests.support.directories import rootfs_of
from tests.support.rpm_roots import (
    LIMIT,
    as_berkeley_db,
    build_rpms,
    installed_by_dnf,
    installed_by_rpm,
    rpm_at,
)

pytestmark = pytest.mark.rpm
LIMIT_BYTES = 1 << 20

BACKENDS = {"sqlite": "rpmdb.sqlite", "ndb": "Packages.db", "bdb_ro": "Packages"}
FORMAT = r"%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{LICENSE}\t%{MODULARITYLABEL}\n"


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_rpms(tmp_path_factory.mktemp("rpmbuild"))


@pytest.fixture(scope="module", params=BACKENDS)
def installed(
    request: pytest.FixtureRequest, packages: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    root = tmp_path_factory.mktemp(request.param) / "root"
    installed_by_rpm(packages, root, "sqlite" if request.param == "bdb_ro" else request.param)
    if request.param == "bdb_ro":
        as_berkeley_db(root)
    (root / "var/log/openssl.log").unlink(missing_ok=True)
    return request.param, root


def found_in(root: Path) -> Found:
    return rpm.find(rootfs_of(root))


def test_every_package_is_what_rpm_says(installed: tuple[str, Path]) -> None:
    backend, root = installed
    asked = check(
        [*rpm_at(root, backend), "-qa", "--queryformat", FORMAT], timeout=LIMIT, doing="asking rpm"
    ).text
    theirs = {tuple(line.split("\t")) for line in asked.splitlines()}
    found = found_in(root)
    assert found.unknowns == ()
    assert {package.record for package in found.packages} == {f"/var/lib/rpm/{BACKENDS[backend]}"}
    ours = set()
    for package in found.packages:
        name, _, version = package.source.partition("@")
        source = f"{name}-{version.rpartition(':')[2]}.src.rpm"
        ours.add(
            (
                package.name,
                package.version,
                package.architecture,
                source,
                package.licence,
                package.module or "(none)",
            )
        )
    assert ours == theirs
    assert len(theirs) == 5


def test_files_requirements_and_provisions_are_what_rpm_says(installed: tuple[str, Path]) -> None:
    backend, root = installed
    found = {package.name: package for package in found_in(root).packages}
    for tag, ours in (
        ("FILENAMES", {name: package.files for name, package in found.items()}),
        ("REQUIRENAME", {name: package.depends for name, package in found.items()}),
        ("PROVIDENAME", {name: package.provides for name, package in found.items()}),
    ):
        asked = check(
            [*rpm_at(root, backend), "-qa", "--queryformat", f"%{{NAME}}[\\t%{{{tag}}}]\\n"],
            timeout=LIMIT,
            doing="asking rpm",
        ).text
        theirs = {
            name: values for name, *values in (line.split("\t") for line in asked.splitlines())
        }
        assert theirs.keys() == ours.keys()
        for name, values in theirs.items():
            there = [
                value
                for value in values
                if tag != "FILENAMES"
                or (root / value[1:]).is_symlink()
                or (root / value[1:]).is_file()
            ]
            assert set(ours[name]) == {
                value for value in there if not value.startswith("rpmlib(") and value != "(none)"
            }
    libs = found["openssl-libs"]
    assert libs.licences == ("/usr/share/licenses/openssl-libs/LICENSE.txt",)
    assert (
        libs.purl
        == "pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=x86_64&distro=rhel-9.4&epoch=1&upstream=openssl-3.0.7-27.el9.src.rpm"
    )


def test_a_root_that_dnf_installed_from_a_repository(packages: Path, tmp_path: Path) -> None:
    installed_by_dnf(packages, tmp_path / "root", "tool-a", "openssl")
    found = found_in(tmp_path / "root")
    assert found.unknowns == ()
    assert {package.name: package.version for package in found.packages} == {
        "openssl": "1:3.0.7-27.el9",
        "openssl-libs": "1:3.0.7-27.el9",
        "tool-a": "1.a~rc1-2",
    }
    assert len(next(package for package in found.packages if package.name == "tool-a").files) == 500


def test_digests_are_those_that_rpm_verifies(installed: tuple[str, Path]) -> None:
    """A changed file is one that `rpm -V` names, and the only one."""
    _, root = installed
    changed = root / "usr/share/tool-a/a-rather-long-name-of-a-file-7"
    before = changed.read_bytes()
    changed.write_bytes(b"8\n")
    try:
        rootfs = rootfs_of(root)
        listed = list(rpm_digests(rootfs))
        wrong = [
            each.path
            for each in listed
            if hashlib.new(each.algorithm, rootfs.read(each.path, LIMIT_BYTES)).hexdigest()
            != each.digest
        ]
    finally:
        changed.write_bytes(before)
    assert wrong == [f"/{changed.relative_to(root)}"]
    assert len(listed) == 1503
