"""The vendored modules of this Python's own pip, asked for their versions by importing them: careen
reads the same ones without running anything.
"""

import subprocess
import sys
from pathlib import Path

import pip
import pytest
from packaging.version import Version

from careen.inventory.python import vendored as python_vendored
from careen.model.packages.package import Package, Presence
from tests.support.directories import rootfs_of

VENDORED = Path(pip.__file__).parent / "_vendor"
ASK = """
import importlib, json, sys
out = {}
for name in sys.argv[1:]:
    version = getattr(importlib.import_module(f"pip._vendor.{name}"), "__version__", None)
    if isinstance(version, str):
        out[name] = version
print(json.dumps(out))
"""


@pytest.fixture(scope="module")
def packages() -> dict[str, Package]:
    found = python_vendored.find(rootfs_of(VENDORED.parent.parent / "pip"))
    return {
        package.modules[0]: package
        for package in found.packages
        if package.record == "/_vendor/vendor.txt"
    }


def test_every_version_is_the_one_that_the_module_states_when_it_runs(
    packages: dict[str, Package],
) -> None:
    import json

    argv = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        ASK,
        *(name for name in packages if name != "pkg_resources"),
    ]
    # the oracle, not careen
    stated = json.loads(subprocess.run(argv, check=True, capture_output=True, timeout=60).stdout)  # noqa: TID251
    assert len(stated) >= 8
    assert {name: Version(packages[name].version) for name in stated} == {
        name: Version(version) for name, version in stated.items()
    }


def test_all_modules_that_lie_there_are_accounted_for(packages: dict[str, Package]) -> None:
    modules = {
        path.name.removesuffix(".py")
        for path in VENDORED.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    } - {"__init__"}
    assert modules <= set(packages)
    assert {package.presence for package in packages.values()} == {Presence.EMBEDDED}
    owned = {path for package in packages.values() for path in package.files}
    code = {f"/_vendor/{path.relative_to(VENDORED)}" for path in VENDORED.rglob("*.py")} - {
        "/_vendor/__init__.py"
    }
    assert code <= owned
