"""What a run of a workload is told besides the workload itself, and the environment that its tests
are given.
"""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from careen.model.engine import Container
from careen.model.image import ImageConfig
from careen.model.trace import Marked, Phase


def _ignore(_: object) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """`image_reference` is what the tests see as CAREEN_IMAGE. `on_phase` is called with START once
    the container runs (a sensor can check that it is armed), and with SERVING the moment that
    readiness is seen (it changes its phase there); `progress` is given lines for people. Outputs
    are written to `log_directory` as `<workload>.log` and `<workload>.test-<n>.log`. Tests leave
    their reports below `scratch`, a private directory of the run (None: they are asked for none).
    Each run of the image's HEALTHCHECK is within a `checking` block.
    """

    image_reference: str
    config: ImageConfig
    log_directory: Path | None = None
    on_phase: Callable[[Phase], None] = _ignore
    progress: Callable[[str], None] = _ignore
    scratch: Path | None = None
    checking: Marked = nullcontext


def make_environment(
    container: Container, context: RunContext, ports: Mapping[int, int], first: int | None = None
) -> Mapping[str, str]:
    """The variables that host commands get on top of careen's own environment.

    CAREEN_IMAGE, CAREEN_CONTAINER (its id), CAREEN_PORT_<n> (the port of 127.0.0.1 that leads to
    container port n, as `ports` has it) and BASE_URL (of port `first`, else of the first of
    `ports`), the last two only while there are such ports.
    """
    environment = {"CAREEN_IMAGE": context.image_reference, "CAREEN_CONTAINER": container.id}
    base = (
        ports.get(first, next(iter(ports.values()), None))
        if first is not None
        else next(iter(ports.values()), None)
    )
    if base is not None:
        environment["BASE_URL"] = f"http://127.0.0.1:{base}"
    environment.update((f"CAREEN_PORT_{port}", str(mapped)) for port, mapped in ports.items())
    return environment
