"""rpm itself judges its database after a plan: packages that rpm installed into a root of their
own.
"""

import sqlite3
from pathlib import Path

import pytest

from careen.inventory.rpm import find as rpm
from careen.inventory.scan import scan
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath
from careen.model.plan import Level, Outcome, PackagePlan, Plan, Reason
from careen.model.rbom import ImageRef
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.databases import database_edits
from careen.rewrite.rpm_sqlite import is_rewritten, without
from careen.tools.process import check
from tests.support.directories import rootfs_of
from tests.support.rpm_roots import LIMIT, build_rpms, installed_by_rpm, rpm_at

pytestmark = [pytest.mark.root, pytest.mark.rpm]

DATABASE = ImagePath("/var/lib/rpm/rpmdb.sqlite")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_rpms(tmp_path_factory.mktemp("rpms"))


@pytest.fixture
def root(packages: Path, tmp_path: Path) -> Path:
    top = tmp_path / "root"
    installed_by_rpm(packages, top, "sqlite")
    return top


def asked(root: Path, *words: str) -> list[str]:
    return sorted(
        check([*rpm_at(root, "sqlite"), *words], timeout=LIMIT, doing="asking rpm").text.split(
            "\n"
        )[:-1]
    )


def plan_without(rootfs: Rootfs, inventory: Inventory, *names: str) -> Plan:
    """A plan that removes these packages with their files."""
    gone = {purl: package for purl, package in inventory.packages.items() if package.name in names}
    paths = {path for package in gone.values() for path in package.files}
    keep = {entry.path: Reason("observed", "used") for entry in rootfs if entry.path not in paths}
    outcomes = {purl: PackagePlan(purl, Outcome.REMOVED, 0, 0, 0, 0) for purl in gone}
    image = ImageRef("demo", None, "sha256:" + "1" * 64, (), "linux/amd64")
    return Plan(
        image,
        Level.CLOSURE,
        keep,
        {path: Reason("unused", "not used") for path in paths},
        outcomes,
        "0" * 64,
    )


def test_packages_that_left_whole_are_unknown_to_rpm_and_their_bytes_are_gone(root: Path) -> None:
    rootfs = rootfs_of(root)
    inventory = scan(rootfs, (rpm,))
    before = asked(root, "-qa", "--qf", "%{NAME}\\n")
    edits = database_edits(rootfs, inventory, plan_without(rootfs, inventory, "tool-b", "openssl"))
    assert set(edits) == {DATABASE}
    assert edits == database_edits(
        rootfs, inventory, plan_without(rootfs, inventory, "tool-b", "openssl")
    )
    target = root / DATABASE[1:]
    assert b"tool-b" in target.read_bytes()
    target.write_bytes(edits[DATABASE])
    assert asked(root, "-qa", "--qf", "%{NAME}\\n") == [
        name for name in before if name not in ("tool-b", "openssl")
    ]
    assert asked(root, "-q", "--whatprovides", "thing(a)", "--qf", "%{NAME}\\n") == ["tool-a"]
    assert asked(root, "-qf", "/usr/lib64/libssl.so.3", "--qf", "%{NAME}\\n") == ["openssl-libs"]
    check(
        [
            "rpmdb",
            "--verifydb",
            "--root",
            str(root),
            "--dbpath",
            "/var/lib/rpm",
            "--define",
            "_db_backend sqlite",
        ],
        timeout=LIMIT,
        doing="verifying",
    )
    assert b"tool-b" not in target.read_bytes()
    assert b"/usr/bin/openssl" not in target.read_bytes()
    after = scan(rootfs_of(root), (rpm,))
    assert {package.name for package in after.packages.values()} == {
        "openssl-libs",
        "tool-a",
        "tool-c",
    }


def test_a_database_with_a_log_or_a_trigger_is_left_as_it_is(root: Path, tmp_path: Path) -> None:
    gone = {("tool-b", "1.b~rc1-2", "noarch")}
    data = (root / DATABASE[1:]).read_bytes()
    assert without(data, gone, "x") not in (None, data)
    copy = tmp_path / "copy"
    copy.write_bytes(data)
    database = sqlite3.connect(copy)
    database.execute("CREATE TRIGGER t AFTER DELETE ON Packages BEGIN DELETE FROM Name; END")
    database.commit()
    database.close()
    assert without(copy.read_bytes(), gone, "x") is None
    assert without(b"SQLite format 3\0 and nothing", gone, "x") is None
    assert is_rewritten(rootfs_of(root), DATABASE)
    (root / "var/lib/rpm/rpmdb.sqlite-wal").write_bytes(b"x")
    assert not is_rewritten(rootfs_of(root), DATABASE)
    (root / "var/lib/rpm/rpmdb.sqlite-wal").unlink()
    (root / DATABASE[1:]).write_bytes(copy.read_bytes())
    assert not is_rewritten(rootfs_of(root), DATABASE)
