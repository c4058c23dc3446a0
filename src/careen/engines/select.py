"""Selection of the engine: the requested one, else docker, podman or the embedded one."""

import enum
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from careen.engines.client.client import CLIENTS, DOCKER, PODMAN, Client
from careen.engines.client.engine import ClientEngine
from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.leftovers import cleaners
from careen.errors import ToolError
from careen.tools.workspace import Workspace

__all__ = [
    "EngineKind",
    "EngineProbe",
    "choose_engine",
    "cleaners",
    "engine_probes",
    "usable_clients",
]


class EngineKind(enum.Enum):
    """The values of `--engine`."""

    AUTO = "auto"
    DOCKER = "docker"
    PODMAN = "podman"
    EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class EngineProbe:
    """Whether an engine can be used here.

    `detail` is what was found, `remedy` how to get the engine (empty if it is usable).
    """

    name: str
    usable: bool
    detail: str
    remedy: str


EMBEDDED = "embedded"
_EMBEDDED_REMEDY = "run careen as root with runc installed (for example `apt-get install runc`)"
_CLIENT_OF = {EngineKind.DOCKER: DOCKER, EngineKind.PODMAN: PODMAN}


def engine_probes() -> tuple[EngineProbe, ...]:
    """Return a probe of each engine, best first; takes seconds at most."""
    why = EmbeddedEngine.probe()
    embedded = EngineProbe(EMBEDDED, why is None, why or "usable", _EMBEDDED_REMEDY if why else "")
    return (*map(_probe, CLIENTS), embedded)


def _probe(client: Client) -> EngineProbe:
    if (why := client.probe()) is not None:
        return EngineProbe(client.name, usable=False, detail=why, remedy=client.remedy)
    note = ""
    with suppress(ToolError):  # it has just ended
        note = client.note()
    return EngineProbe(
        client.name, usable=True, detail=f"usable; {note}" if note else "usable", remedy=""
    )


def choose_engine(kind: EngineKind, workspace: Workspace) -> ClientEngine | EmbeddedEngine:
    """Return the engine to use.

    Raises ToolError that names what is missing and how to get it.
    """
    if (client := _CLIENT_OF.get(kind)) is not None:
        _require(client.name, client.probe(), client.remedy, "embedded")
        return ClientEngine(workspace, client)
    if kind is EngineKind.EMBEDDED:
        _require(EMBEDDED, EmbeddedEngine.probe(), _EMBEDDED_REMEDY, "docker")
        return EmbeddedEngine(workspace)
    tried: list[str] = []
    for client in CLIENTS:
        if (why := client.probe()) is None:
            return ClientEngine(workspace, client)
        tried.append(f"{client.name}: {why}")
    if (why := EmbeddedEngine.probe()) is None:
        return EmbeddedEngine(workspace)
    reasons = "; ".join((*tried, f"{EMBEDDED}: {why}"))
    remedies = ", or ".join((*(client.remedy for client in CLIENTS), _EMBEDDED_REMEDY))
    msg = f"no container engine: {reasons}; {remedies}"
    raise ToolError(msg)


def usable_clients(kind: EngineKind) -> Iterator[Client]:
    """Yield the engines with a store that can be used, the preferred one first.

    It is the requested one, else docker and podman. Raises ToolError if there is none.
    """
    wanted = (_CLIENT_OF[kind],) if kind in _CLIENT_OF else CLIENTS
    unusable: list[str] = []
    for client in wanted:
        if (why := client.probe()) is None:
            yield client
        else:
            unusable.append(f"{client.name} cannot be used: {why}")
    if len(unusable) == len(wanted):
        raise ToolError(", and ".join(unusable))


def _require(name: str, why: str | None, remedy: str, other: str) -> None:
    if why is not None:
        msg = f"engine {name} cannot be used: {why}; {remedy}, or use --engine {other}"
        raise ToolError(msg)
