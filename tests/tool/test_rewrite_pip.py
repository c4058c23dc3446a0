"""pip and importlib.metadata judge the lists of Python distributions after a plan."""

import importlib.metadata
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from careen.model.packages.package import Inventory
from careen.model.plan import Level, Plan, Reason
from careen.model.rbom import ImageRef
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.consistency import check_databases
from careen.rewrite.databases import database_edits
from tests.support.trees import tree

IMAGE = ImageRef("demo", None, "sha256:" + "1" * 64, (), "linux/amd64")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A directory with one distribution, installed by pip from a wheel."""
    wheel = tmp_path / "demo-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("demo/__init__.py", "x = 1\n")
        archive.writestr("demo/tests/test_demo.py", "def test(): pass\n")
        archive.writestr("demo/data, with comma.txt", "data\n")
        archive.writestr(
            "demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
        )
        archive.writestr(
            "demo-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: demo\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr("demo-1.0.dist-info/RECORD", "")
    target = tmp_path / "site"
    argv = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--disable-pip-version-check",
        "--target",
        str(target),
        str(wheel),
    ]
    subprocess.run(  # noqa: TID251
        [*argv, "--root-user-action=ignore"], check=True, capture_output=True, timeout=120
    )
    return target


def rootfs_of(site: Path) -> Rootfs:
    return tree(
        {
            f"/site/{path.relative_to(site)}": path.read_bytes()
            for path in sorted(site.rglob("*"))
            if path.is_file()
        }
    )


def test_every_file_that_importlib_names_is_there(site: Path) -> None:
    before = rootfs_of(site)
    gone = [entry.path for entry in before if entry.is_file and "/tests/" in entry.path]
    assert gone
    keep = {entry.path: Reason("observed", "") for entry in before if entry.path not in gone}
    plan = Plan(
        IMAGE, Level.CLOSURE, keep, {path: Reason("unused", "") for path in gone}, {}, "0" * 64
    )
    edits = database_edits(before, Inventory({}, {}), plan)
    for path in gone:
        (site / path.removeprefix("/site/")).unlink()
    assert check_databases(rootfs_of(site), Inventory({}, {}), before), (
        "without the edits the check must complain"
    )
    for path, content in edits.items():
        (site / path.removeprefix("/site/")).write_bytes(content)
    distribution = importlib.metadata.Distribution.at(site / "demo-1.0.dist-info")
    files = distribution.files or []
    assert "demo/data, with comma.txt" in [str(file) for file in files]
    assert not [str(file) for file in files if not Path(str(file.locate())).exists()]
    assert not [str(file) for file in files if "tests" in str(file)]
    assert distribution.version == "1.0"
    assert check_databases(rootfs_of(site), Inventory({}, {}), before) == ()
