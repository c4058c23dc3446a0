"""What a jar states: its version by pom.properties and manifest, and its signature."""

import re
from collections.abc import Mapping

from careen.errors import ImageError
from careen.formats.versions.lines import numbers
from careen.formats.zip_reader import ZipArchive
from careen.patch.jars.maven import Coordinates

MAX_MANIFEST = 16 << 20
MAX_PROPERTIES = 1 << 20
ARCHIVES = (".jar", ".war", ".ear", ".par", ".sar", ".nar", ".rar", ".hpi", ".jpi", ".kar", ".lpkg")
_VERSIONS = ("Implementation-Version", "Bundle-Version", "Specification-Version")
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
    if any(_alike(version, wanted.version) for version in versions):
        return ""
    return f"its manifest says version {versions[0][:80]!r}"


def signed_by(archive: ZipArchive) -> str:
    """Return the name of a signature file in a jar, or "" if it is not signed."""
    return next((name for name in archive.names() if _SIGNATURE.match(name)), "")


def _alike(stated: str, wanted: str) -> bool:
    """Return whether two versions have the same numbers."""
    if stated == wanted:
        return True
    # OSGi writes `31.1-jre` as `31.1.0.jre`.
    one, other = numbers(stated), numbers(wanted)
    if one is None or other is None:
        return False
    length = max(len(one), len(other))
    return (*one, *(0,) * (length - len(one))) == (*other, *(0,) * (length - len(other)))
