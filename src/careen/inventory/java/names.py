"""Names of Java archives without a pom: from repository path, file name and manifest.

Advisories need the group id, which is seldom stated. The sources, in this order:

- the archive's path in a Maven or Gradle repository;
- known artifacts and their classes (`groups`);
- the manifest's `Group-Id` (Jenkins plugins) and `Implementation-Vendor-Id`;
- `Bundle-SymbolicName` or `Automatic-Module-Name`: `<group>.<artifact>`, or the short form of
  bundle plugins (`org.apache.commons` + `commons-io` = `org.apache.commons.io`).

Otherwise it stays unknown: a wrong one would match the advisories of something else.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from careen.formats.identity import is_plain
from careen.inventory.java.groups import known_group

# A signed archive's manifest has about 150 bytes per entry; its main section comes first.
MAX_MANIFEST = 16 << 20
_GROUP = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+)+\Z")
_ARTIFACT = re.compile(r"[A-Za-z0-9_][\w.-]*\Z")
_SPLIT = re.compile(r"-[vV]?(?=\d)")
_PACKING = re.compile(
    r"-(?:jar-with-dependencies|with-dependencies|shaded|uber|fat|all|sources|javadoc|tests|exec|boot|repackaged)\Z"
)
_NUMBERS = re.compile(r"[vV]?\d[\d.]*\Z")
_MAVEN = re.compile(r".*/(?:repository|maven-repo|m2)/([^/].*)\Z", re.DOTALL)
_GRADLE = re.compile(r".*/files-2\.1/([^/]+)/([^/]+)/([^/]+)/[0-9a-f]{20,40}/[^/]+\Z", re.DOTALL)
_VERSIONS = ("Implementation-Version", "Plugin-Version", "Bundle-Version", "Specification-Version")
_TITLES = (
    "Short-Name",
    "Extension-Name",
    "Implementation-Title",
    "Bundle-SymbolicName",
    "Automatic-Module-Name",
)


@dataclass(frozen=True, slots=True)
class JavaCoordinates:
    """Coordinates and their evidence, a sentence fragment; `group` is "" if unknown."""

    group: str
    artifact: str
    version: str
    evidence: str


def main_section(data: bytes) -> Mapping[str, str]:
    """Return the main section of a MANIFEST.MF (JAR file specification), continued lines joined."""
    out: dict[str, str] = {}
    name, parts = "", [""]
    for raw in (
        data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ):
        if raw.startswith(" "):
            parts.append(raw[1:])
            continue
        if name:
            out.setdefault(name, "".join(parts).strip())
        if not raw:
            break
        name, _, first = raw.partition(":")
        parts = [first]
    return out


def split_stem(stem: str) -> tuple[str, str]:
    """Return artifact and version of a file name without its extension, "" for a missing one.

    The version starts at the last `-` before a digit, or earlier if the preceding word is numeric:
    `guava-31.1-jre`, `log4j-1.2-api-2.19.0`, `x-1.0-20230101.120000-1` (snapshot). The packaging is
    no part of either: `tabula-1.0.5-jar-with-dependencies`.
    """
    stem = _PACKING.sub("", stem)
    cuts = [match.start() for match in _SPLIT.finditer(stem)]
    while cuts:
        head = stem[: cuts.pop()]
        if head and not (cuts and _NUMBERS.match(head.rpartition("-")[2])):
            return head, stem[len(head) + 1 :]
    return stem, ""


def repository_coordinates(path: str) -> JavaCoordinates | None:
    """Return the coordinates of a path in a Maven or Gradle repository, or None for other paths."""
    found = _GRADLE.match(path)
    if found is not None:
        group, artifact, version = found.groups()
    else:
        above, *last = path.rsplit("/", 3)
        match = _MAVEN.match(above)
        if match is None or not all(last):
            return None
        group, (artifact, version, file) = match.group(1).replace("/", "."), last
        if not file.startswith(f"{artifact}-{version}"):
            return None
    if (
        not (_GROUP.match(group) or is_plain(group))
        or not _ARTIFACT.match(artifact)
        or not is_plain(version)
    ):
        return None
    return JavaCoordinates(group, artifact, version, "its place in a repository")


def guessed(
    stem: str, manifest: Mapping[str, str], entries: Sequence[str]
) -> JavaCoordinates | None:
    """Return the name that file name, manifest and classes state together.

    Classes are names among `entries`. Returns None without an artifact or a version.
    """
    artifact, version = split_stem(stem)
    sources = ["file name"]
    if not version:
        key = next((key for key in _VERSIONS if is_plain(manifest.get(key, ""))), "")
        version = manifest.get(key, "")
        sources.append(f"manifest {key}")
    if not _ARTIFACT.match(artifact):
        artifact = next(
            (
                value
                for key in _TITLES
                if _ARTIFACT.match(value := _symbolic(manifest.get(key, "")))
            ),
            "",
        )
    if not artifact or not is_plain(artifact) or not is_plain(version):
        return None
    if group := known_group(artifact, version, entries):
        sources.append("group id from its classes")
    else:
        group, key = _group(artifact, manifest)
        sources.extend([f"group id from manifest {key}"] if group else [])
    return JavaCoordinates(group, artifact, version, ", ".join(sources))


def _symbolic(value: str) -> str:
    return value.partition(";")[0].strip()


def _group(artifact: str, manifest: Mapping[str, str]) -> tuple[str, str]:
    for key in ("Group-Id", "Implementation-Vendor-Id"):
        value = manifest.get(key, "")
        if _GROUP.match(value) and is_plain(value):
            return value, key
    for key in ("Bundle-SymbolicName", "Automatic-Module-Name"):
        value = _symbolic(manifest.get(key, ""))
        head, _, last = value.rpartition(".")
        if (
            _GROUP.match(head)
            and is_plain(head)
            and artifact in (last, f"{head.rpartition('.')[2]}-{last}")
        ):
            return head, key
    return "", ""


def says(stem: str, artifact: str, manifest: Mapping[str, str]) -> bool:
    """Return whether an archive's file name or manifest names `artifact` as its own."""
    if (
        stem == artifact
        or split_stem(stem)[0] == artifact
        or stem.startswith((f"{artifact}-", f"{artifact}_", f"{artifact}."))
    ):
        return True
    return any(_symbolic(manifest.get(key, "")) == artifact for key in _TITLES)
