"""A Maven repository in a directory, and jars as Maven and Gradle make them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.jars import jar


def maven_jar(group: str, artifact: str, version: str, body: bytes = b"class") -> bytes:
    """With a pom.properties, as Maven builds one."""
    stated = f"groupId={group}\nartifactId={artifact}\nversion={version}\n".encode()
    manifest = b"Manifest-Version: 1.0\r\nCreated-By: Apache Maven\r\n\r\n"
    return jar(
        {
            "META-INF/MANIFEST.MF": manifest,
            f"META-INF/maven/{group}/{artifact}/pom.properties": stated,
            f"{artifact}/A.class": body + version.encode(),
        }
    )


def gradle_jar(artifact: str, version: str, folder: str) -> bytes:
    """Without one, as Gradle builds Spring: only the manifest says the version."""
    manifest = (
        f"Manifest-Version: 1.0\r\nImplementation-Title: {artifact}\r\nImplementation-Version:"
        f" {version}\r\n\r\n".encode()
    )
    return jar({"META-INF/MANIFEST.MF": manifest, f"{folder}A.class": b"class" + version.encode()})


def publish(
    root: Path, coordinates: str, content: bytes, needs: Mapping[str, str] | None = None
) -> Path:
    """Put `group:artifact:version` there with its pom and its sha1; `needs` maps `group:artifact`
    to a version. Return the jar's path.
    """
    group, artifact, version = coordinates.split(":")
    place = root / group.replace(".", "/") / artifact / version
    place.mkdir(parents=True)
    file = place / f"{artifact}-{version}.jar"
    file.write_bytes(content)
    file.with_suffix(".jar.sha1").write_text(
        hashlib.sha1(content, usedforsecurity=False).hexdigest() + "\n"
    )
    stated = "".join(
        f"<dependency><groupId>{name.partition(':')[0]}</groupId><artifactId>{name.partition(':')[2]}</artifactId><version>{needed}</version></dependency>"
        for name, needed in (needs or {}).items()
    )
    (place / f"{artifact}-{version}.pom").write_text(
        f"<project><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version><dependencies>{stated}</dependencies></project>"
    )
    return file


def flaw(number: int, fixed: str | None) -> dict[str, Any]:
    """A record of org.example:widget, as OSV has it."""
    events = [{"introduced": "0"}, *([{"fixed": fixed}] if fixed else [])]
    affected = {
        "package": {"ecosystem": "Maven", "name": "org.example:widget"},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    return {
        "id": f"GHSA-aaaa-aaaa-aaa{number}",
        "aliases": [f"CVE-2026-100{number}"],
        "modified": f"2026-01-0{number}T00:00:00Z",
        "affected": [affected],
    }
