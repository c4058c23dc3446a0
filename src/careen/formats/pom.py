"""Reader of pom.xml (https://maven.apache.org/pom.html), without inheritance."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

MAX_DEPENDENCIES = 2000
MAX_MANAGED = 5 * MAX_DEPENDENCIES
_MAX_LICENCES = 20
_MAX_TEXT = 4096
_MAX_ROUNDS = 10
_DEEPEST = 5  # project/dependencyManagement/dependencies/dependency/version
_REFERENCE = re.compile(r"\$\{([^{}$]{1,200})\}")
_NAMES = ("groupId", "artifactId", "version")
_FIELDS = (*_NAMES, "scope", "optional", "type", "classifier")


class PomError(Exception):
    """The document is not a pom.xml; the message gives the reason, not the file."""


@dataclass(slots=True)
class Pom:
    """One pom.xml: inherited values are "", references (`${…}`) are unresolved.

    `parent` is its group, artifact and version, all "" without one. `dependencies` and `managed`
    hold the stated fields of each dependency.
    """

    group: str = ""
    artifact: str = ""
    version: str = ""
    parent: tuple[str, str, str] = ("", "", "")
    properties: dict[str, str] = field(default_factory=dict)
    licences: tuple[str, ...] = ()
    dependencies: list[dict[str, str]] = field(default_factory=list)
    managed: list[dict[str, str]] = field(default_factory=list)


def read_pom(data: bytes) -> Pom:
    """Parse a pom.xml; raise PomError if invalid or if it has a document type (entities)."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(data, True)  # noqa: FBT003 — expat's own signature
    except (expat.ExpatError, ValueError, LookupError) as error:
        msg = f"not a valid pom.xml: {error}"
        raise PomError(msg) from error
    return reader.done()


def replaced(value: str, properties: Mapping[str, str]) -> str:
    """Replace `${…}` by properties; an unknown one gives "", and so does endless recursion."""
    for _ in range(_MAX_ROUNDS):
        if "${" not in value:
            return value
        value = _REFERENCE.sub(lambda match: properties.get(match.group(1), ""), value)[:_MAX_TEXT]
    return ""


def _refuse(*_: object) -> None:
    msg = "a document type in a pom.xml, which can define entities, is refused"
    raise PomError(msg)


class _Reader:
    """Fills a Pom; other and deeper elements are ignored, and the first of repeated ones counts."""

    def __init__(self) -> None:
        self._pom = Pom()
        self._own: dict[str, str] = {}
        self._parent: dict[str, str] = {}
        self._licences: list[str] = []
        self._stack: list[str] = []
        self._text = ""
        self._item: dict[str, str] = {}

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        self._stack.append(name.rpartition(" ")[2])
        self._text = ""
        if self._stack[-1] == "dependency":
            self._item = {}

    def text(self, data: str) -> None:
        if len(self._text) + len(data) <= _MAX_TEXT:
            self._text += data

    def end(self, _name: str) -> None:
        if self._stack[0] == "project" and len(self._stack) <= _DEEPEST:
            self._take(self._stack[1:], self._text.strip())
        self._stack.pop()
        self._text = ""

    def _take(self, path: list[str], value: str) -> None:
        match path:
            case ["dependencies", "dependency", *rest]:
                self._dependency(rest, value, self._pom.dependencies, MAX_DEPENDENCIES)
            case ["dependencyManagement", "dependencies", "dependency", *rest]:
                self._dependency(rest, value, self._pom.managed, MAX_MANAGED)
            case ["licenses", "license", "name"] if len(self._licences) < _MAX_LICENCES:
                self._licences.append(value)
            case ["parent", key] if key in _NAMES:
                self._parent.setdefault(key, value)
            case ["properties", key]:
                self._pom.properties.setdefault(key, value)
            case [key] if key in _NAMES:
                self._own.setdefault(key, value)

    def _dependency(
        self, rest: list[str], value: str, into: list[dict[str, str]], limit: int
    ) -> None:
        match rest:
            case []:
                if len(into) < limit:
                    into.append(self._item)
            case [key] if key in _FIELDS:
                self._item.setdefault(key, value)

    def done(self) -> Pom:
        pom = self._pom
        pom.group, pom.artifact, pom.version = (self._own.get(name, "") for name in _NAMES)
        group, artifact, version = (self._parent.get(name, "") for name in _NAMES)
        pom.parent = (group, artifact, version)
        pom.licences = tuple(name for name in self._licences if name)
        return pom
