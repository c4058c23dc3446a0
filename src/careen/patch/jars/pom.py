"""What an artifact depends on, as its pom says, with what is inherited from its parents and managed
by them (https://maven.apache.org/pom.html).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from careen.patch.jars.maven import Coordinates

MAX_PARENTS = 12
MAX_IMPORTS = 20
MAX_DEPENDENCIES = 2000
_MAX_TEXT = 1000
_ROUNDS = 8
_REFERENCE = re.compile(r"\$\{([^{}$]{1,200})\}")
_SCOPES = frozenset({"", "compile", "runtime"})
_FIELDS = ("groupId", "artifactId", "version", "scope", "optional", "type", "classifier")


class BadPomError(Exception):
    """A pom that cannot be read: which, and why."""


Fetch = Callable[[Coordinates], bytes | None]
"""Returns a pom, None where there is none."""


@dataclass(slots=True)
class Pom:
    """One pom as stated. `dependencies` and `managed` map the fields of a dependency; what is not
    stated is not there.
    """

    own: dict[str, str] = field(default_factory=dict)
    parent: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    dependencies: list[dict[str, str]] = field(default_factory=list)
    managed: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Need:
    """A jar that is needed at run time; `version` is "" where nothing within reach says which."""

    group: str
    artifact: str
    version: str

    @property
    def name(self) -> str:
        return f"{self.group}:{self.artifact}"


def needs(wanted: Coordinates, fetch: Fetch) -> tuple[Need, ...] | None:
    """Return what an artifact needs at run time, optional dependencies and exact ranges' brackets
    left out; None if it has no pom. Raises BadPomError.
    """
    chain = _chain(wanted, fetch)
    if not chain:
        return None
    properties = _properties(chain, wanted)
    managed = _managed(chain, properties, fetch)
    out: dict[tuple[str, str], Need] = {}
    for raw in [raw for pom in chain for raw in pom.dependencies][:MAX_DEPENDENCIES]:
        item = {key: _replaced(value, properties) for key, value in raw.items()}
        key = item.get("groupId", ""), item.get("artifactId", "")
        inherited = managed.get(key, {})
        scope = item.get("scope") or inherited.get("scope", "")
        if (
            scope not in _SCOPES
            or item.get("optional") == "true"
            or item.get("classifier")
            or item.get("type", "jar") != "jar"
        ):
            continue
        version = (
            (item.get("version") or inherited.get("version", "")).strip("[]() ").partition(",")[0]
        )
        out.setdefault(key, Need(*key, version))
    return tuple(out.values())


def _chain(wanted: Coordinates, fetch: Fetch) -> list[Pom]:
    """Return the pom and its parents, as many as there are."""
    out: list[Pom] = []
    here: Coordinates | None = wanted
    seen: set[Coordinates] = set()
    while here is not None and here not in seen and len(out) < MAX_PARENTS:
        seen.add(here)
        data = fetch(here)
        if data is None:
            break
        pom = read_pom(data, f"{here.name}:{here.version}")
        out.append(pom)
        parent = tuple(pom.parent.get(key, "") for key in ("groupId", "artifactId", "version"))
        here = (
            Coordinates(*parent)
            if all(parent) and not any("$" in part for part in parent)
            else None
        )
    return out


def _properties(chain: list[Pom], wanted: Coordinates) -> Mapping[str, str]:
    out: dict[str, str] = {}
    for pom in reversed(chain):
        out.update(pom.properties)
    for prefix in ("project", "pom"):
        out.update(
            {
                f"{prefix}.groupId": wanted.group,
                f"{prefix}.artifactId": wanted.artifact,
                f"{prefix}.version": wanted.version,
            }
        )
    out["project.parent.version"] = chain[0].parent.get("version", "")
    out["project.parent.groupId"] = chain[0].parent.get("groupId", "")
    return out


def _managed(
    chain: list[Pom], properties: Mapping[str, str], fetch: Fetch
) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """Return what is managed, the nearest first; a bill of materials that is imported counts where
    it is imported, and one within another not.
    """
    out: dict[tuple[str, str], Mapping[str, str]] = {}
    imports = 0
    for raw in [raw for pom in chain for raw in pom.managed][: MAX_DEPENDENCIES * 5]:
        item = {key: _replaced(value, properties) for key, value in raw.items()}
        key = item.get("groupId", ""), item.get("artifactId", "")
        if item.get("scope") != "import":
            out.setdefault(key, item)
        elif imports < MAX_IMPORTS:
            imports += 1
            for inner, stated in _imported(Coordinates(*key, item.get("version", "")), fetch):
                out.setdefault(inner, stated)
    return out


def _imported(
    bill: Coordinates, fetch: Fetch
) -> Iterator[tuple[tuple[str, str], Mapping[str, str]]]:
    if not bill.version:
        return
    chain = _chain(bill, fetch)
    properties = _properties(chain, bill) if chain else {}
    for raw in [raw for pom in chain for raw in pom.managed][: MAX_DEPENDENCIES * 5]:
        item = {key: _replaced(value, properties) for key, value in raw.items()}
        if item.get("scope") != "import":
            yield (item.get("groupId", ""), item.get("artifactId", "")), item


def _replaced(value: str, properties: Mapping[str, str]) -> str:
    for _ in range(_ROUNDS):
        if "${" not in value:
            return value
        value = _REFERENCE.sub(lambda match: properties.get(match.group(1), ""), value)[:_MAX_TEXT]
    return ""


def read_pom(data: bytes, where: str) -> Pom:
    """Read a pom. A document type, which could define entities, is refused. Raises BadPomError."""
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
        msg = f"the pom of {where[:120]} cannot be read: {str(error)[:100]}"
        raise BadPomError(msg) from error
    return reader.pom


def _refuse(*_: object) -> None:
    msg = "a document type"
    raise ValueError(msg)


class _Reader:
    """Fills a Pom; what lies elsewhere or deeper is passed over."""

    def __init__(self) -> None:
        self.pom = Pom()
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
        value = self._text.strip()
        match self._stack[1:]:
            case ["dependencies", "dependency", key] | [
                "dependencyManagement",
                "dependencies",
                "dependency",
                key,
            ] if key in _FIELDS:
                self._item[key] = value
            case ["dependencies", "dependency"] if len(self.pom.dependencies) < MAX_DEPENDENCIES:
                self.pom.dependencies.append(self._item)
            case ["dependencyManagement", "dependencies", "dependency"] if (
                len(self.pom.managed) < MAX_DEPENDENCIES * 5
            ):
                self.pom.managed.append(self._item)
            case ["parent", key]:
                self.pom.parent[key] = value
            case ["properties", key]:
                self.pom.properties[key] = value
            case [("groupId" | "artifactId" | "version") as key]:
                self.pom.own[key] = value
        self._stack.pop()
        self._text = ""
