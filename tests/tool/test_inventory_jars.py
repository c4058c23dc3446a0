"""The JDK's own tools make the archives that careen reads, and Syft finds nothing in them that
careen does not.
"""

import json
import sys
from pathlib import Path

import pytest
from packageurl import PackageURL

from careen.inventory.java import find as java
from careen.model.packages.package import Package, Presence
from careen.tools.process import check
from tests.support.directories import rootfs_of

pytestmark = pytest.mark.java

SYFT = Path(sys.executable).parent / "syft"


def jar(path: Path, content: Path, *options: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    check(
        ["jar", "--create", f"--file={path}", *options, "-C", str(content), "."],
        timeout=60,
        doing="making a jar",
    )


def content(base: Path, **files: str) -> Path:
    for name, text in files.items():
        place = base / name.replace("__", "/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return base


def with_poms(base: Path, *poms: tuple[str, str, str]) -> Path:
    for group, artifact, version in poms:
        folder = base / "META-INF/maven" / group / artifact
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pom.properties").write_text(
            f"artifactId={artifact}\ngroupId={group}\nversion={version}\n"
        )
    return base


@pytest.fixture(scope="module")
def top(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with a pom, one whose manifest has a long line, a shaded one; and an application
    that holds them, stored as Spring Boot's are, and packed.
    """
    base = tmp_path_factory.mktemp("java")
    root = base / "root"
    manifest = base / "manifest.txt"
    manifest.write_text(
        f"Bundle-Name: {'long ' * 30}\nBundle-SymbolicName:"
        " org.acme.tools.sprocket-kit;singleton:=true\nImplementation-Version: 4.5.6\n"
    )
    jar(root / "lib/plain-1.0.jar", with_poms(base / "plain", ("org.acme", "plain", "1.0")))
    jar(root / "lib/sprocket-kit.jar", content(base / "kit", a="a"), f"--manifest={manifest}")
    jar(
        root / "lib/fat-2.0.jar",
        with_poms(
            base / "fat",
            ("org.acme", "fat", "2.0"),
            ("com.google.code.gson", "gson", "2.8.0"),
            ("org.slf4j", "slf4j-api", "1.7.32"),
        ),
    )
    inside = with_poms(base / "app", ("com.example", "shop", "0.0.1"))
    (inside / "BOOT-INF/lib").mkdir(parents=True)
    for path in (root / "lib").iterdir():
        (inside / "BOOT-INF/lib" / path.name).write_bytes(path.read_bytes())
    jar(root / "app/shop-0.0.1.jar", inside, "--no-compress")
    jar(root / "srv/shop-0.0.1.war", inside)
    return root


def found(top: Path) -> tuple[Package, ...]:
    answer = java.find(rootfs_of(top))
    assert answer.unknowns == ()
    return answer.packages


def test_archives_that_jar_makes_are_read_nested_and_shaded(top: Path) -> None:
    installed = {
        (package.name, package.version, package.record)
        for package in found(top)
        if package.presence is Presence.INSTALLED
    }
    assert installed == {
        ("com.example:shop", "0.0.1", "/app/shop-0.0.1.jar"),
        ("com.example:shop", "0.0.1", "/srv/shop-0.0.1.war"),
        ("org.acme:plain", "1.0", "/lib/plain-1.0.jar"),
        ("org.acme:fat", "2.0", "/lib/fat-2.0.jar"),
        ("org.acme.tools:sprocket-kit", "4.5.6", "/lib/sprocket-kit.jar"),
    }
    inside = {
        "org.acme:plain",
        "org.acme:fat",
        "org.acme.tools:sprocket-kit",
        "com.google.code.gson:gson",
        "org.slf4j:slf4j-api",
    }
    for archive in ("/app/shop-0.0.1.jar", "/srv/shop-0.0.1.war"):
        assert {
            package.name
            for package in found(top)
            if package.presence is Presence.EMBEDDED and package.record == archive
        } == inside


@pytest.mark.syft
def test_syft_finds_no_artifact_that_is_not_found(top: Path) -> None:
    out = top.parent / "syft.json"
    check(
        [str(SYFT), "scan", "-q", "-o", f"syft-json={out}", f"dir:{top}"],
        timeout=120,
        doing="asking syft",
    )
    theirs = {
        (item["name"], item["version"])
        for item in json.loads(out.read_bytes())["artifacts"]
        if item["type"] == "java-archive"
    }
    ours = {(PackageURL.from_string(package.purl).name, package.version) for package in found(top)}
    assert theirs
    assert theirs <= ours
