"""Selection of the engine: the requested one, else docker if it answers, else the embedded one."""

import enum
from dataclasses import dataclass
from typing import assert_never

from careen.engines.docker.engine import DockerEngine
from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.leftovers import cleaners
from careen.errors import ToolError
from careen.tools.workspace import Workspace

__all__ = ["EngineKind", "EngineProbe", "choose_engine", "cleaners", "engine_probes"]


class EngineKind(enum.Enum):
    """The values of `--engine`."""

    AUTO = "auto"
    DOCKER = "docker"
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


_REMEDIES = {
    "docker": (
        "install and start docker (for example `apt-get install docker.io`), and see that this user"
        " may reach its socket"
    ),
    "embedded": "run careen as root with runc installed (for example `apt-get install runc`)",
}


def engine_probes() -> tuple[EngineProbe, ...]:
    """Return a probe of each engine, best first; takes seconds at most."""
    answers = {"docker": DockerEngine.probe(), "embedded": EmbeddedEngine.probe()}
    return tuple(
        EngineProbe(name, why is None, why or "usable", "" if why is None else _REMEDIES[name])
        for name, why in answers.items()
    )


def choose_engine(kind: EngineKind, workspace: Workspace) -> DockerEngine | EmbeddedEngine:
    """Return the engine to use.

    Raises ToolError that names what is missing and how to get it.
    """
    match kind:
        case EngineKind.DOCKER:
            return _docker(workspace, DockerEngine.probe())
        case EngineKind.EMBEDDED:
            return _embedded(workspace, EmbeddedEngine.probe())
        case EngineKind.AUTO:
            docker, embedded = DockerEngine.probe(), EmbeddedEngine.probe()
            if docker is None:
                return _docker(workspace, None)
            if embedded is None:
                return _embedded(workspace, None)
            msg = (
                f"no container engine: docker: {docker}; embedded: {embedded};"
                f" {_REMEDIES['docker']}, or {_REMEDIES['embedded']}"
            )
            raise ToolError(msg)
        case _:
            assert_never(kind)


def _docker(workspace: Workspace, trouble: str | None) -> DockerEngine:
    if trouble is not None:
        msg = (
            f"engine docker cannot be used: {trouble}; {_REMEDIES['docker']}, or use --engine"
            " embedded"
        )
        raise ToolError(msg)
    return DockerEngine(workspace)


def _embedded(workspace: Workspace, trouble: str | None) -> EmbeddedEngine:
    if trouble is not None:
        msg = (
            f"engine embedded cannot be used: {trouble}; {_REMEDIES['embedded']}, or use --engine"
            " docker"
        )
        raise ToolError(msg)
    return EmbeddedEngine(workspace)
