"""Selection of the engine: the requested one, else docker, podman or the embedded one."""

import enum
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from careen.engines.client.client import CLIENTS, DOCKER, PODMAN, Client
from careen.engines.client.engine import ClientEngine
from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.lack import Lack
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
_CLIENT_OF = {EngineKind.DOCKER: DOCKER, EngineKind.PODMAN: PODMAN}


def engine_probes() -> tuple[EngineProbe, ...]:
    """Return a probe of each engine, best first; takes seconds at most."""
    if (lack := EmbeddedEngine.probe()) is not None:
        embedded = _unusable(EMBEDDED, lack)
    else:
        embedded = EngineProbe(EMBEDDED, usable=True, detail="usable", remedy="")
    return (*map(_probe, CLIENTS), embedded)


def _unusable(name: str, lack: Lack) -> EngineProbe:
    return EngineProbe(name, usable=False, detail=lack.why, remedy=lack.remedy)


def _probe(client: Client) -> EngineProbe:
    if (lack := client.probe()) is not None:
        return _unusable(client.name, lack)
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
        _require(client.name, client.probe(), "embedded")
        return ClientEngine(workspace, client)
    if kind is EngineKind.EMBEDDED:
        _require(EMBEDDED, EmbeddedEngine.probe(), "docker")
        return EmbeddedEngine(workspace)
    lacks: dict[str, Lack] = {}
    for client in CLIENTS:
        if (lack := client.probe()) is None:
            return ClientEngine(workspace, client)
        lacks[client.name] = lack
    if (lack := EmbeddedEngine.probe()) is None:
        return EmbeddedEngine(workspace)
    lacks[EMBEDDED] = lack
    reasons = "; ".join(f"{name}: {each.why}" for name, each in lacks.items())
    remedies = dict.fromkeys(word for each in lacks.values() for word in each.remedies)
    msg = f"no container engine: {reasons}; {', or '.join(remedies)}"
    raise ToolError(msg)


def usable_clients(kind: EngineKind) -> Iterator[Client]:
    """Yield the engines with a store that can be used, the preferred one first.

    It is the requested one, else docker and podman. Raises ToolError if there is none.
    """
    wanted = (_CLIENT_OF[kind],) if kind in _CLIENT_OF else CLIENTS
    unusable: list[str] = []
    for client in wanted:
        if (lack := client.probe(runs=False)) is None:
            yield client
        else:
            unusable.append(f"{client.name} cannot be used: {lack.why}")
    if len(unusable) == len(wanted):
        msg = f"{', and '.join(unusable)} (`careen doctor` says what to do)"
        raise ToolError(msg)


def _require(name: str, lack: Lack | None, other: str) -> None:
    if lack is not None:
        msg = f"engine {name} cannot be used: {lack.why}; {lack.remedy}, or use --engine {other}"
        raise ToolError(msg)
