"""Drive each engine with the probe image, so that one test can be run on all."""

import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from careen.engines.client.container import ClientContainer
from careen.engines.client.engine import ClientEngine
from careen.engines.embedded.container import RuncContainer
from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.select import EngineKind
from careen.model.runs.engine import ContainerState, PreparedImage
from careen.model.runs.workload import RunOptions
from tests.support.probe_image import ProbeImage

AnyContainer = ClientContainer | RuncContainer
ALL = [
    pytest.param(EngineKind.DOCKER, marks=pytest.mark.docker, id="docker"),
    pytest.param(EngineKind.PODMAN, marks=pytest.mark.podman, id="podman"),
    pytest.param(EngineKind.EMBEDDED, marks=pytest.mark.runc, id="embedded"),
]

AS_DOCKER = [ALL[0], ALL[2]]
"""Engines whose containers have docker's defaults: rights, variables, mounts."""


@dataclass(frozen=True)
class Ran:
    """One container that ran to its end."""

    status: int | None
    output: str
    state: ContainerState

    @property
    def lines(self) -> list[str]:
        return self.output.splitlines()


class Bench:
    """An engine and one way to run the probe on it."""

    def __init__(self, engine: ClientEngine | EmbeddedEngine, probe: bytes) -> None:
        self.engine = engine
        self.image = ProbeImage(probe, {"Entrypoint": ["/bin/probe"], "Cmd": ["id"]})
        self._prepared: dict[str, PreparedImage] = {}

    def with_config(self, **config: Any) -> "Bench":
        """Return a bench whose image has these fields of the config changed."""
        other = Bench(self.engine, self.image.probe)
        other.image = replace(self.image, run={**self.image.run, **config})
        return other

    def with_files(self, files: Mapping[str, tuple[bytes, int, int, int]]) -> "Bench":
        """Return a bench whose image has these files besides (content, mode, uid, gid)."""
        other = Bench(self.engine, self.image.probe)
        other.image = replace(self.image, files=files)
        return other

    def prepared(self) -> PreparedImage:
        """Return the image as the engine has it, which takes it over once."""
        digest = self.image.ref.config_digest
        if digest not in self._prepared:
            if isinstance(self.engine, ClientEngine):
                self._prepared[digest] = self.engine.load(self.image.write, digest)
            else:
                self._prepared[digest] = self.engine.prepare(self.image)
        return self._prepared[digest]

    @contextmanager
    def container(self, options: RunOptions | None = None, ports: tuple[int, ...] = ()) -> Any:
        made = self.engine.create(self.prepared(), options or RunOptions(), ports)
        try:
            yield made
        finally:
            made.remove()

    def run(self, *args: str, **options: Any) -> Ran:
        """Run the probe with these arguments to its end."""
        with self.container(RunOptions(args=args, **options)) as made:
            made.start()
            status = made.wait(60)
            return Ran(status, made.logs(), made.state())


def until(what: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until it is true, or fail."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)
