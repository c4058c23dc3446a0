"""The jars of the drill: log4j as Debian has it, the made-up fix, and jars of an application."""

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

from careen.tools.process import check
from tests.support.maven_folder import publish

GROUP = "org.apache.logging.log4j"
OLD, NEW = "2.19.0", "2.99.0"
"""Debian's version, and the one of the fix; both have as many letters, so manifests keep their
folded lines.
"""
JDK = "careen-drill:jdk"
HERE = Path(__file__).resolve().parent
_STATING = ("MANIFEST.MF", "pom.properties", "pom.xml")


def fetch_log4j(folder: Path) -> list[Path]:
    """Fetch log4j's two jars from Debian's package and return them."""
    script = str(HERE.parent.parent / "tests/patching/jars.sh")
    argv = [script, "trixie", str(folder), "liblog4j2-java"]
    check(argv, timeout=600, doing="fetching liblog4j2-java")
    own = folder / GROUP.replace(".", "/")
    return [own / name / OLD / f"{name}-{OLD}.jar" for name in ("log4j-api", "log4j-core")]


def publish_fix(repository: Path, jars: Sequence[Path], scratch: Path) -> None:
    """Put the same jars under the fixed version in a Maven folder."""
    for jar in jars:
        name = jar.name.removesuffix(f"-{OLD}.jar")
        fixed = scratch / jar.name.replace(OLD, NEW)
        with zipfile.ZipFile(jar) as old, zipfile.ZipFile(fixed, "w") as new:
            for item in old.infolist():
                content = old.read(item)
                if item.filename.startswith("META-INF/") and item.filename.endswith(_STATING):
                    content = content.replace(OLD.encode(), NEW.encode())
                new.writestr(item, content, zipfile.ZIP_DEFLATED)
        needs = {f"{GROUP}:log4j-api": NEW} if name == "log4j-core" else {}
        publish(repository, f"{GROUP}:{name}:{NEW}", fixed.read_bytes(), needs)


def compile_classes(folder: Path, jars: Sequence[Path]) -> None:
    """Compile the classes of the drill, in a container on a machine without javac."""
    sources = HERE / "java"
    words = ["-cp", ":".join(map(str, jars)), "-d", str(folder)]
    argv = ["javac", "--release", "17", *words, *map(str, sorted(sources.glob("*.java")))]
    if shutil.which("javac") is None:
        script = str(HERE.parent.parent / "tests/cold/debian.sh")
        check([script, JDK, str(HERE / "jdk")], timeout=1800, doing="building an image with javac")
        places = {str(folder), *(str(jar.parent) for jar in jars), str(sources)}
        mounts = [word for place in sorted(places) for word in ("-v", f"{place}:{place}")]
        argv = ["docker", "run", "--rm", "--network", "none", *mounts, JDK, *argv]
    check(argv, timeout=300, doing="compiling the services")


def write_fat(file: Path, classes: Path, jars: Sequence[Path]) -> None:
    """Write an application's jar with its libraries as jars inside, stored as Spring Boot does."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(
            "META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\nMain-Class: Launcher\r\n\r\n"
        )
        for name in ("Service.class", "Launcher.class"):
            out.write(classes / name, name)
        for jar in jars:
            out.write(jar, f"BOOT-INF/lib/{jar.name}", zipfile.ZIP_STORED)


def write_shaded(file: Path, classes: Path, jars: Sequence[Path]) -> None:
    """Write an application's jar with the classes and poms of its libraries, as the shade plugin
    does.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        text = "Manifest-Version: 1.0\r\nMain-Class: Service\r\nMulti-Release: true\r\n\r\n"
        out.writestr("META-INF/MANIFEST.MF", text)
        out.write(classes / "Service.class", "Service.class")
        seen = {"META-INF/MANIFEST.MF"}
        for jar in jars:
            with zipfile.ZipFile(jar) as library:
                for name in library.namelist():
                    if not name.endswith("/") and name not in seen:
                        seen.add(name)
                        out.writestr(name, library.read(name))
