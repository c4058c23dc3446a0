"""Dependencies that an artifact's pom states, inherits and manages.

Source: https://maven.apache.org/pom.html
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from careen.formats import pom as formats_pom
from careen.formats.pom import MAX_DEPENDENCIES, MAX_MANAGED, Pom, PomError, replaced
from careen.patch.jars.maven import Coordinates

MAX_PARENTS = 12
MAX_IMPORTS = 20
_SCOPES = frozenset({"", "compile", "runtime"})


class BadPomError(Exception):
    """A pom that cannot be read; the message names it."""


Fetch = Callable[[Coordinates], bytes | None]
"""Returns a pom, or None if it does not exist."""


@dataclass(frozen=True, slots=True)
class Need:
    """A jar needed at run time; `version` is "" if it is not known."""

    group: str
    artifact: str
    version: str

    @property
    def name(self) -> str:
        return f"{self.group}:{self.artifact}"


def needs(wanted: Coordinates, fetch: Fetch) -> tuple[Need, ...] | None:
    """Return what an artifact needs at run time, or None if it has no pom. Raises BadPomError.

    Optional dependencies are left out; of a range the lower bound counts.
    """
    chain = _chain(wanted, fetch)
    if not chain:
        return None
    properties = _properties(chain, wanted)
    managed = _managed(chain, properties, fetch)
    out: dict[tuple[str, str], Need] = {}
    for raw in [raw for pom in chain for raw in pom.dependencies][:MAX_DEPENDENCIES]:
        item = {key: replaced(value, properties) for key, value in raw.items()}
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
    """Return the pom and its parents, as far as they are found."""
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
        stated = all(pom.parent) and not any("$" in part for part in pom.parent)
        here = Coordinates(*pom.parent) if stated else None
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
    out["project.parent.version"] = chain[0].parent[2]
    out["project.parent.groupId"] = chain[0].parent[0]
    return out


def _managed(
    chain: list[Pom], properties: Mapping[str, str], fetch: Fetch
) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """Return what is managed, the nearest first.

    An imported bill of materials counts where it is imported; those that it imports do not.
    """
    out: dict[tuple[str, str], Mapping[str, str]] = {}
    imports = 0
    for raw in [raw for pom in chain for raw in pom.managed][:MAX_MANAGED]:
        item = {key: replaced(value, properties) for key, value in raw.items()}
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
    for raw in [raw for pom in chain for raw in pom.managed][:MAX_MANAGED]:
        item = {key: replaced(value, properties) for key, value in raw.items()}
        if item.get("scope") != "import":
            yield (item.get("groupId", ""), item.get("artifactId", "")), item


def read_pom(data: bytes, where: str) -> Pom:
    """Read a pom; raise BadPomError, which names it."""
    try:
        return formats_pom.read_pom(data)
    except PomError as error:
        msg = f"the pom of {where[:120]} cannot be read: {str(error)[:100]}"
        raise BadPomError(msg) from error
