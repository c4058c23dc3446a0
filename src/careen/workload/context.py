"""The context of a workload's run, and the environment of its tests."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from careen.model.image import ImageConfig
from careen.model.runs.engine import Container
from careen.model.runs.trace import HealthcheckContext, Phase


def nothing() -> None:
    """Do nothing."""


def _ignore(_: object) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """The context of a workload's run.

    `image_reference` is the tests' CAREEN_IMAGE. `on_phase` is called with START when the container
    runs and with SERVING when it is ready. `progress` gets lines for the user. `log_directory` gets
    `<workload>.log` and `<workload>.test-<n>.log`. Tests leave reports below `scratch`, a private
    directory (None: no reports). Each run of the HEALTHCHECK is in a `checking` block. Before the
    container is stopped, `on_tested` is called if it was ready.
    """

    image_reference: str
    config: ImageConfig
    log_directory: Path | None = None
    on_phase: Callable[[Phase], None] = _ignore
    progress: Callable[[str], None] = _ignore
    scratch: Path | None = None
    checking: HealthcheckContext = nullcontext
    on_tested: Callable[[], None] = nothing


def make_environment(
    container: Container, context: RunContext, ports: Mapping[int, int], first: int | None = None
) -> Mapping[str, str]:
    """Return the variables that tests on the host get in addition to careen's environment.

    They are CAREEN_IMAGE, CAREEN_CONTAINER (its id), CAREEN_PORT_<n> (the port of 127.0.0.1 for
    container port n, from `ports`) and BASE_URL (of port `first`, else of the first of `ports`).
    Without ports the last two are missing.
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
