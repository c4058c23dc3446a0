"""One run of careen: work directory, engine, sensor, and seconds per stage."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from careen.engines.docker.engine import DockerEngine
from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.leftovers import cleaners as engine_cleaners
from careen.engines.select import EngineKind, choose_engine
from careen.model.runs.run_budget import RunBudget
from careen.pipeline.run.known_images import KnownImages, known_images
from careen.pipeline.run.outputs import cleaners as output_cleaners
from careen.pipeline.run.settings import Settings
from careen.report.terminal_output.progress import Progress, Stage
from careen.sensor.port import Sensor
from careen.sensor.select import choose
from careen.tools.workspace import Cleaner, Workspace, workspace


@dataclass(slots=True)
class Session:
    """An open run; engine and sensor are chosen on first use, since planning needs neither."""

    settings: Settings
    space: Workspace
    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)
    stored: dict[str, str] = field(
        default_factory=dict
        # ids of images from docker's store, by the digest of their configuration: a name may move
        # during a run
    )
    budget: RunBudget = field(default_factory=RunBudget)
    known: KnownImages = field(default_factory=KnownImages)
    _engine: DockerEngine | EmbeddedEngine | None = None
    _sensor: Sensor | None = None
    _stage: Stage | None = None

    @property
    def engine(self) -> DockerEngine | EmbeddedEngine:
        """The engine of the settings. Raises ToolError if it cannot be used."""
        if self._engine is None:
            self._engine = choose_engine(EngineKind(self.settings.engine), self.space)
        return self._engine

    @property
    def sensor(self) -> Sensor:
        """The sensor of the settings. Raises ToolError if it cannot be used."""
        if self._sensor is None:
            self._sensor = choose(self.settings.sensor)
        return self._sensor

    def end_sensor(self) -> None:
        """Close the sensor, if one was chosen."""
        if self._sensor is not None:
            self._sensor.close()

    def require_engine_and_sensor(self) -> None:
        """Choose engine and sensor now. Raises ToolError."""
        # Fail before an image of gigabytes is read.
        _ = self.engine, self.sensor

    def scratch(self, name: str) -> Path:
        """Return a new empty directory that is removed with the run."""
        return self.space.directory(name)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Announce a stage and measure it; seconds of repeated stages add up."""
        with self.progress.stage(name) as running:
            self._stage = running
            try:
                yield
            finally:
                self._stage = None
                self.seconds[name] = self.seconds.get(name, 0.0) + running.seconds

    def reset_clock(self) -> None:
        """Reset the clock and the seconds of all stages."""
        self.seconds.clear()
        self.begun = time.monotonic()

    def say(self, text: str) -> None:
        """Report what the running stage is doing."""
        if self._stage is not None:
            self._stage.say(text)

    @property
    def total(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.begun


def all_cleaners() -> Mapping[str, Cleaner]:
    """Return the cleaners of all kinds of leftovers."""
    return {**engine_cleaners(), **output_cleaners()}


@contextmanager
def session(settings: Settings, progress: Progress) -> Iterator[Session]:
    """Open a run; clean up after killed runs first, and after this one at the end."""
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
