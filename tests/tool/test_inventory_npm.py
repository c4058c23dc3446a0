"""npm judges what careen finds in a tree that it installed, and Syft finds nothing more there."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from careen.inventory.node import find as node
from careen.model.packages.package import Presence
from careen.tools.process import check, run
from tests.support.directories import rootfs_of

pytestmark = pytest.mark.npm

SYFT = Path(sys.executable).parent / "syft"


def source(directory: Path, name: str, version: str, **more: Any) -> None:
    directory.mkdir(parents=True)
    (directory / "package.json").write_text(
        json.dumps({"name": name, "version": version, "main": "index.js", "license": "MIT", **more})
    )
    (directory / "index.js").write_text("module.exports = 1\n")


def npm(directory: Path, *arguments: str) -> str:
    env = os.environ | {
        "npm_config_cache": str(directory.parent.parent / "cache"),
        "npm_config_update_notifier": "false",
    }
    done = run(["npm", *arguments], timeout=120, cwd=str(directory), env=env)
    assert done.status == 0, done.text
    return done.text


@pytest.fixture(scope="module")
def top(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root file system with one application, installed by npm from packed packages: a scoped one,
    a bundled one, and two versions of a third.
    """
    base = tmp_path_factory.mktemp("npm")
    source(base / "src/b", "b", "1.0.0")
    source(
        base / "src/a", "@scope/a", "3.1.4", dependencies={"b": "2.0.0"}, bundleDependencies=["b"]
    )
    source(base / "src/a/node_modules/b", "b", "2.0.0")
    source(
        base / "src/c",
        "c",
        "1.0.0-rc.1",
        dependencies={"inner": "0.0.7"},
        bundleDependencies=["inner"],
    )
    source(base / "src/c/node_modules/inner", "inner", "0.0.7")
    source(base / "src/c/fixtures/sample", "sample-of-c", "9.9.9")
    for name in "abc":
        npm(base / "src" / name, "pack", "--pack-destination", str(base))
    wanted = {
        "@scope/a": "file:/packed/scope-a-3.1.4.tgz",
        "b": "file:/packed/b-1.0.0.tgz",
        "c": "file:/packed/c-1.0.0-rc.1.tgz",
    }
    source(
        base / "root/app",
        "my-app",
        "1.2.3",
        dependencies={name: place.replace("/packed", str(base)) for name, place in wanted.items()},
    )
    npm(base / "root/app", "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund")
    return base / "root"


def listed(tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, item in tree.get("dependencies", {}).items():
        yield name, item["version"]
        yield from listed(item)


def test_what_npm_lists_is_what_is_installed(top: Path) -> None:
    found = node.find(rootfs_of(top))
    assert found.unknowns == ()
    ours = {
        (package.name, package.version)
        for package in found.packages
        if package.presence is Presence.INSTALLED
    }
    theirs = set(listed(json.loads(npm(top / "app", "ls", "--all", "--json"))))
    assert theirs == {
        ("@scope/a", "3.1.4"),
        ("b", "1.0.0"),
        ("b", "2.0.0"),
        ("c", "1.0.0-rc.1"),
        ("inner", "0.0.7"),
    }
    assert ours == theirs | {("my-app", "1.2.3")}


def test_no_file_of_the_tree_is_without_a_package(top: Path) -> None:
    owned = {path for package in node.find(rootfs_of(top)).packages for path in package.files}
    there = {f"/{path.relative_to(top)}" for path in top.rglob("*") if path.is_file()}
    assert there - owned == {"/app/node_modules/.package-lock.json"}
    assert owned <= there


@pytest.mark.syft
def test_syft_finds_the_same(top: Path) -> None:
    out = top.parent / "syft.json"
    check(
        [
            str(SYFT),
            "scan",
            "-q",
            "--override-default-catalogers",
            "javascript-package-cataloger",
            "-o",
            f"syft-json={out}",
            f"dir:{top}",
        ],
        timeout=120,
        doing="",
    )
    theirs = {
        (item["name"], item["version"], item["purl"])
        for item in json.loads(out.read_bytes())["artifacts"]
    }
    ours = {
        (package.name, package.version, package.purl)
        for package in node.find(rootfs_of(top)).packages
    }
    assert ours == theirs
    assert ("sample-of-c", "9.9.9", "pkg:npm/sample-of-c@9.9.9") in ours
