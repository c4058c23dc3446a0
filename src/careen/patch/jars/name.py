"""What a jar states: its version by pom.properties and manifest, and its signature."""

import re
from collections.abc import Iterable, Mapping

from careen.errors import ImageError
from careen.formats.versions.lines import numbers, shared_leading_numbers
from careen.formats.zip_reader import ZipArchive
from careen.patch.jars.maven import Coordinates

MAX_MANIFEST = 16 << 20
MAX_PROPERTIES = 1 << 20
ARCHIVES = (".jar", ".war", ".ear", ".par", ".sar", ".nar", ".rar", ".hpi", ".jpi", ".kar", ".lpkg")
_VERSIONS = ("Implementation-Version", "Bundle-Version", "Specification-Version")
_LEADING = re.compile(r"\Av?[0-9.]*")
_STAMP = re.compile(r"(?<![a-z])v?[0-9]{6,}.*")
_WORD = re.compile(r"[a-z]+|[0-9]+")
_RELEASE = ("final", "ga", "release")
_SIGNATURE = re.compile(r"META-INF/[^/]+\.SF\Z", re.IGNORECASE)


def properties_version(archive: ZipArchive, group: str, artifact: str) -> str:
    """Return the version in an artifact's pom.properties, or "". Raises ImageError."""
    name = f"META-INF/maven/{group}/{artifact}/pom.properties"
    if name not in archive:
        return ""
    stated: dict[str, str] = {}
    for line in archive.read(name, MAX_PROPERTIES).decode("latin-1").splitlines():
        key, separator, value = line.partition("=")
        if separator and not line.lstrip().startswith(("#", "!")):
            stated[key.strip()] = value.strip()
    return stated.get("version", "")


def manifest(archive: ZipArchive) -> Mapping[str, str]:
    """Return the manifest's main section without empty values. Raises ImageError."""
    if "META-INF/MANIFEST.MF" not in archive:
        return {}
    out: dict[str, str] = {}
    text = (
        archive.read("META-INF/MANIFEST.MF", MAX_MANIFEST)
        .decode("utf-8", "replace")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )
    for line in text.partition("\n\n")[0].replace("\n ", "").split("\n"):
        name, _, value = line.partition(":")
        if value.strip():
            out.setdefault(name, value.strip())
    return out


def contradiction(archive: ZipArchive, wanted: Coordinates) -> str:
    """Return how a jar contradicts the wanted coordinates, or "" if it does not.

    A jar that states no version contradicts.
    """
    try:
        stated = properties_version(archive, wanted.group, wanted.artifact)
        if stated:
            return (
                ""
                if stated == wanted.version
                else f"its pom.properties says version {stated[:80]!r}"
            )
        main = manifest(archive)
    except ImageError as error:
        return str(error)
    versions = [main[key] for key in _VERSIONS if key in main]
    if not versions:
        return "neither a pom.properties nor its manifest says which version it is"
    if _agree(versions, wanted.version):
        return ""
    return f"its manifest says version {versions[0][:80]!r}"


def signed_by(archive: ZipArchive) -> str:
    """Return the name of a signature file in a jar, or "" if it is not signed."""
    return next((name for name in archive.names() if _SIGNATURE.match(name)), "")


def _agree(stated: Iterable[str], wanted: str) -> bool:
    """Return whether the versions in a manifest are the wanted one.

    Of those with its numbers, one with a qualifier (`rc1`, `jre`) counts more than one without,
    because a Specification-Version often leaves it out.
    """
    expected = numbers(wanted)
    if expected is None:
        return wanted in stated
    found = {
        _qualifier(version)
        for version in stated
        if (seen := numbers(version)) is not None
        and shared_leading_numbers(seen, expected) == max(len(seen), len(expected))
    }
    return (found - {()} or found) == {_qualifier(wanted)}


def _qualifier(version: str) -> tuple[str, ...]:
    """Return the words after a version's numbers, without those that say nothing.

    OSGi writes `31.1-jre` as `31.1.0.jre`, and adds the time of a build (`3.18.0.v20220516-2155`).
    """
    rest = _STAMP.sub("", _LEADING.sub("", version.lower().split(" ")[0]))
    return tuple(word for word in _WORD.findall(rest) if word not in _RELEASE)
