"""One run of careen: its work directory, the engine and the sensor, and how long each stage
takes.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from careen.engines.docker.engine import DockerEngine
from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.leftovers import cleaners as engine_cleaners
from careen.engines.select import EngineKind, choose_engine
from careen.model.run_budget import RunBudget
from careen.pipeline.run.known_images import KnownImages, known_images
from careen.pipeline.run.outputs import cleaners as output_cleaners
from careen.pipeline.run.settings import Settings
from careen.report.progress import Progress, Stage
from careen.sensor.port import Sensor
from careen.sensor.select import choose
from careen.tools.workspace import Cleaner, Workspace, workspace


@dataclass(slots=True)
class Session:
    """An open run. Engine and sensor are chosen when they are first needed, so that planning needs
    neither.
    """

    settings: Settings
    space: Workspace
    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)
    stored: dict[str, str] = field(
        default_factory=dict
        # ids of images taken out of docker's store, by the digest of their config: a name may move
        # during a run
    )
    budget: RunBudget = field(default_factory=RunBudget)
    known: KnownImages = field(default_factory=KnownImages)
    _engine: DockerEngine | EmbeddedEngine | None = None
    _sensor: Sensor | None = None
    _stage: Stage | None = None

    @property
    def engine(self) -> DockerEngine | EmbeddedEngine:
        """The engine that the settings ask for. Raises ToolError when it cannot be had."""
        if self._engine is None:
            self._engine = choose_engine(EngineKind(self.settings.engine), self.space)
        return self._engine

    @property
    def sensor(self) -> Sensor:
        """The sensor that the settings ask for. Raises ToolError when it cannot be had."""
        if self._sensor is None:
            self._sensor = choose(self.settings.sensor)
        return self._sensor

    def end_sensor(self) -> None:
        """End what the sensor keeps, if one was chosen."""
        if self._sensor is not None:
            self._sensor.close()

    def require_means(self) -> None:
        """Choose engine and sensor now: what cannot work must fail before an image of gigabytes has
        been read. Raises ToolError.
        """
        _ = self.engine, self.sensor

    def scratch(self, name: str) -> Path:
        """Return a new empty directory that goes with the run."""
        return self.space.directory(name)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Announce a stage and measure it; the same stage may run several times, and its seconds
        add up.
        """
        with self.progress.stage(name) as running:
            self._stage = running
            try:
                yield
            finally:
                self._stage = None
                self.seconds[name] = self.seconds.get(name, 0.0) + running.seconds

    def begin_lap(self) -> None:
        """Set the clock back: what follows is measured for itself."""
        self.seconds.clear()
        self.begun = time.monotonic()

    def say(self, text: str) -> None:
        """Tell what the running stage is doing now."""
        if self._stage is not None:
            self._stage.say(text)

    @property
    def total(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.begun


def all_cleaners() -> Mapping[str, Cleaner]:
    """Return the cleaner of every kind of leftover that any room records."""
    return {**engine_cleaners(), **output_cleaners()}


@contextmanager
def session(settings: Settings, progress: Progress) -> Iterator[Session]:
    """Open a run: clean up after dead ones first, and after this one at the end, whatever happened
    in between.
    """
    with workspace(settings.work_root, all_cleaners()) as space:
        for sentence in space.trouble:
            progress.note(f"an earlier run that was killed: {sentence}")
        opened = Session(settings, space, progress, known=known_images(settings.cache))
        try:
            yield opened
        finally:
            opened.end_sensor()
    for sentence in space.still_used:
        progress.note(sentence)
