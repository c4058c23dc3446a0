"""Exchanged jars as Java itself sees them: a class path that names the old file, and the JDK's own
reading of a rewritten archive.
"""

import subprocess
from pathlib import Path
from typing import cast

import pytest

from careen.inventory.java import find as java
from careen.model.packages.package import Ecosystem, Inventory
from careen.model.patching import Aim, PatchChoices
from careen.patch.jars.patcher import find
from careen.patch.port import Ground
from careen.patch.sandbox import Sandbox
from tests.support.maven_folder import publish
from tests.support.trees import tree

pytestmark = pytest.mark.java


def run(*words: str | Path, cwd: Path) -> str:
    return subprocess.check_output(
        [str(word) for word in words], cwd=cwd, stderr=subprocess.STDOUT
    ).decode()


def library(work: Path, version: str) -> bytes:
    """`jar` packs a library whose resource says its version."""
    place = work / version
    stated = place / "META-INF/maven/org.example/lib"
    stated.mkdir(parents=True)
    (stated / "pom.properties").write_text(
        f"groupId=org.example\nartifactId=lib\nversion={version}\n"
    )
    (place / "lib.txt").write_text(version)
    run("jar", "--create", "--file", work / f"{version}.jar", "-C", place, ".", cwd=work)
    return (work / f"{version}.jar").read_bytes()


def test_java_runs_what_its_class_path_names_and_reads_the_archive_that_was_rewritten(
    tmp_path: Path,
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    old, new = library(work, "1.2.3"), library(work, "1.2.5")
    publish(tmp_path / "maven", "org.example:lib:1.2.5", new)
    nested = work / "fat/BOOT-INF/lib"
    nested.mkdir(parents=True)
    (nested / "lib-1.2.3.jar").write_bytes(old)
    run("jar", "--create", "--no-compress", "--file", "fat.jar", "-C", work / "fat", ".", cwd=work)
    rootfs = tree({"/app/lib-1.2.3.jar": old, "/app/fat.jar": (work / "fat.jar").read_bytes()})
    packages = {
        f"{each.purl}?location={each.record}": each
        for each in java.find(rootfs).packages
        if each.name == "org.example:lib"
    }
    from dataclasses import replace

    inventory = Inventory({purl: replace(each, purl=purl) for purl, each in packages.items()}, {})
    (jars,) = find(Ground(rootfs, inventory, PatchChoices(maven=str(tmp_path / "maven"))))
    sandbox = cast("Sandbox", None)
    aims = [
        Aim(purl, each.name, each.version, Ecosystem.MAVEN, {"CVE-1": ("1.2.5",)})
        for purl, each in packages.items()
    ]
    for placed in jars.apply(jars.propose(aims, sandbox).upgrades, sandbox).placed:
        (work / placed.entry.path.rpartition("/")[2]).write_bytes(placed.content)
    (work / "Main.java").write_text(
        "class Main { public static void main(String[] a) throws Exception { System.out.print(new"
        ' String(Main.class.getResourceAsStream("/lib.txt").readAllBytes())); } }'
    )
    assert run("java", "-Xshare:auto", "-cp", "lib-1.2.3.jar", "Main.java", cwd=work) == "1.2.5"
    run("jar", "--extract", "--file", "fat.jar", "BOOT-INF/lib/lib-1.2.3.jar", cwd=work)
    assert (work / "BOOT-INF/lib/lib-1.2.3.jar").read_bytes() == new
