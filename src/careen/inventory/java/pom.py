"""pom.properties and pom.xml: what Maven says of an artifact (https://maven.apache.org/pom.html),
and parents that lie beside it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from careen.errors import ImageError

MAX_POM = 2 << 20
MAX_PARENTS = 20
_MAX_TEXT = 4096
_MAX_ROUNDS = 10
_REFERENCE = re.compile(r"\$\{([^{}$]{1,200})\}")
_WANTED = re.compile(
    r"project/(?:(?:parent/)?(?:groupId|artifactId|version)|properties/[^/]+|licenses/license/name)\Z"
)

Coordinates = tuple[str, str, str]
"""Group id, artifact id and version; "" for what is not stated."""


@dataclass(frozen=True, slots=True)
class Pom:
    """A pom.xml as stated: what it inherits is "", references (`${…}`) are unresolved. `parent` is
    all "" without one.
    """

    group: str
    artifact: str
    version: str
    parent: Coordinates = ("", "", "")
    properties: Mapping[str, str] = field(default_factory=dict)
    licences: tuple[str, ...] = ()


def read_properties(data: bytes) -> Coordinates:
    """Return what a pom.properties states (java.util.Properties, of which Maven uses plain
    `key=value` lines).
    """
    found: dict[str, str] = {}
    for line in data.decode("latin-1").splitlines():
        key, separator, value = line.partition("=")
        if separator and not line.lstrip().startswith(("#", "!")):
            found[key.strip()] = value.strip()
    return found.get("groupId", ""), found.get("artifactId", ""), found.get("version", "")


def read_pom(data: bytes, where: str) -> Pom:
    """Parse a pom.xml. A document type is refused, so no entity is ever defined or fetched. Raises
    ImageError.
    """
    reader = _Reader(where)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(data, True)  # noqa: FBT003 — expat's own signature
    except (expat.ExpatError, ValueError, LookupError) as error:
        msg = f"{where}: not a valid pom.xml: {error}"
        raise ImageError(msg) from error
    return reader.pom()


class _Reader:
    """Collects the text of the wanted elements; what lies deeper or elsewhere is passed over."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._stack: list[str] = []
        self._found: dict[str, str] = {}
        self._licences: list[str] = []
        self._key = ""
        self._text = ""

    def doctype(self, *_: object) -> None:
        msg = f"{self._where}: a document type in a pom.xml, which can define entities, is refused"
        raise ImageError(msg)

    def start(self, name: str, _attributes: object) -> None:
        self._stack.append(name.rpartition(" ")[2])
        # project/licenses/license/name
        path = "/".join(self._stack) if len(self._stack) <= 4 else ""  # noqa: PLR2004
        self._key, self._text = (path if _WANTED.match(path) else ""), ""

    def end(self, _name: str) -> None:
        self._stack.pop()
        if self._key == "project/licenses/license/name":
            self._licences.append(self._text.strip())
        elif self._key:
            self._found.setdefault(self._key, self._text.strip())
        self._key = ""

    def text(self, data: str) -> None:
        if self._key and len(self._text) + len(data) <= _MAX_TEXT:
            self._text += data

    def pom(self) -> Pom:
        prefix = "project/properties/"
        group, artifact, version = (
            self._found.get(f"project/{name}", "") for name in ("groupId", "artifactId", "version")
        )
        above = (
            self._found.get(f"project/parent/{name}", "")
            for name in ("groupId", "artifactId", "version")
        )
        properties = {
            key.removeprefix(prefix): value
            for key, value in self._found.items()
            if key.startswith(prefix)
        }
        return Pom(
            group,
            artifact,
            version,
            (next(above), next(above), next(above)),
            properties,
            tuple(name for name in self._licences[:20] if name),
        )


def resolve(pom: Pom, others: Mapping[tuple[str, str], Pom], where: str) -> Coordinates:
    """Return the coordinates with what is inherited, and with references replaced; what stays
    unresolved is "".

    A child states its parent's group and version itself; only properties need the parent's own
    file, looked up in `others` by group and artifact. Raises ImageError for parents that lead back
    to themselves, or for more than 20.
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
    done = tuple(_replaced(value, properties) for value in own)
    return done[0], done[1], done[2]


def _replaced(value: str, properties: Mapping[str, str]) -> str:
    for _ in range(_MAX_ROUNDS):
        if "${" not in value:
            return value
        value = _REFERENCE.sub(lambda match: properties.get(match.group(1), ""), value)[:_MAX_TEXT]
    return ""
