"""Coordinates from pom.properties and pom.xml, with parents in the same archive."""

from collections.abc import Mapping

from careen.errors import ImageError
from careen.formats import pom as formats_pom
from careen.formats.pom import Pom

MAX_POM = 2 << 20
MAX_PARENTS = 20

Coordinates = tuple[str, str, str]
"""Group id, artifact id and version; "" if not stated."""


def read_properties(data: bytes) -> Coordinates:
    """Return the coordinates of a pom.properties."""
    # Of java.util.Properties' syntax, Maven uses only plain `key=value` lines.
    found: dict[str, str] = {}
    for line in data.decode("latin-1").splitlines():
        key, separator, value = line.partition("=")
        if separator and not line.lstrip().startswith(("#", "!")):
            found[key.strip()] = value.strip()
    return found.get("groupId", ""), found.get("artifactId", ""), found.get("version", "")


def read_pom(data: bytes, where: str) -> Pom:
    """Return the parsed pom.xml, or raise ImageError that names it."""
    try:
        return formats_pom.read_pom(data)
    except formats_pom.PomError as error:
        msg = f"{where}: {error}"
        raise ImageError(msg) from error


def resolve(pom: Pom, others: Mapping[tuple[str, str], Pom], where: str) -> Coordinates:
    """Return the coordinates, inherited values and references resolved; unresolved ones are "".

    A child states its parent's group and version itself. Only properties need the parent's own pom,
    looked up in `others` by group and artifact. Raises ImageError for circular parents, or more
    than 20.
    """
    properties = dict(pom.properties)
    seen = {(pom.group or pom.parent[0], pom.artifact)}
    group, _, version = pom.parent
    above = pom
    while (key := above.parent[:2]) in others:
        if key in seen or len(seen) > MAX_PARENTS:
            msg = (
                f"{where}: the parents of this pom lead back to {':'.join(key)!r}"
                if key in seen
                else f"{where}: more than {MAX_PARENTS} parent poms"
            )
            raise ImageError(msg)
        seen.add(key)
        above = others[key]
        properties = {**above.properties, **properties}
    own = pom.group or group, pom.artifact, pom.version or version
    for name, value in (("groupId", own[0]), ("artifactId", own[1]), ("version", own[2])):
        properties[f"project.{name}"] = properties[f"pom.{name}"] = value
    properties["project.parent.groupId"], properties["project.parent.version"] = group, version
    done = tuple(formats_pom.replaced(value, properties) for value in own)
    return done[0], done[1], done[2]
