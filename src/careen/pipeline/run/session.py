"""One run of careen: work directory, engine, sensor, and seconds per stage."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from careen.catalog.user_namespace import LEFTOVER, remove_mapped
from careen.engines.client.client import Client
from careen.engines.client.engine import ClientEngine
from careen.engines.embedded.engine import EmbeddedEngine
from careen.engines.leftovers import cleaners as engine_cleaners
from careen.engines.select import EngineKind, choose_engine, usable_clients
from careen.engines.stores.take import registry_digests
from careen.errors import InputError, ToolError
from careen.model.digest import Digest
from careen.model.runs.reused import Reused
from careen.model.runs.run_budget import RunBudget
from careen.oci.write import PackedLayer
from careen.pipeline.run.known_images import KnownImages, known_images
from careen.pipeline.run.known_layers import KnownLayers
from careen.pipeline.run.outputs import cleaners as output_cleaners
from careen.pipeline.run.settings import Settings
from careen.pipeline.run.timestamp import now
from careen.registries.blob_cache import NAME as BLOBS
from careen.registries.blob_cache import BlobCache
from careen.registries.skopeo import Skopeo
from careen.report.terminal_output.progress import Progress, Stage
from careen.report.terminal_output.saved import saved_line
from careen.sensor.port import Sensor
from careen.sensor.select import choose
from careen.tools.cache import trouble_of_named_cache
from careen.tools.workspace import Cleaner, Workspace, workspace


@dataclass(slots=True)
class Session:
    """An open run; engine and sensor are chosen on first use, since planning needs neither."""

    settings: Settings
    space: Workspace
    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)
    started: str = field(default_factory=now)  # as documents state it
    stored: dict[str, str] = field(
        default_factory=dict
        # ids of images from an engine's store, by the digest of their configuration: a name may
        # move during a run
    )
    budget: RunBudget = field(default_factory=RunBudget)
    known: KnownImages = field(default_factory=KnownImages)
    reused: Reused = field(default_factory=Reused)
    packed: dict[Digest, PackedLayer] = field(
        default_factory=dict
        # packed layers of images from registries and of results, by diff ID: they keep their blobs
    )
    _known_layers: KnownLayers | None = None
    _skopeo: Skopeo | None = None
    _engine: ClientEngine | EmbeddedEngine | None = None
    _store: ClientEngine | None = None
    _sensor: Sensor | None = None
    _stage: Stage | None = None

    @property
    def engine(self) -> ClientEngine | EmbeddedEngine:
        """The engine of the settings. Raises ToolError if it cannot be used."""
        if self._engine is None:
            chosen = choose_engine(EngineKind(self.settings.engine), self.space)
            # One object for one engine: it knows which images it has loaded.
            self._engine = (
                self._store
                if self._store is not None
                and isinstance(chosen, ClientEngine)
                and chosen.client is self._store.client
                else chosen
            )
        return self._engine

    def clients(self) -> Iterator[Client]:
        """Yield the usable engines with a store, the one in use first. Raises ToolError."""
        if self._store is not None:
            yield self._store.client
        for client in usable_clients(EngineKind(self.settings.engine)):
            if self._store is None or client is not self._store.client:
                yield client

    @property
    def store(self) -> ClientEngine:
        """The engine in whose store names of images are. Raises ToolError if there is none."""
        return self._store or self.use_store(next(self.clients()))

    def resolve(self, name: str) -> tuple[str, tuple[str, ...]]:
        """Return an image's id and repository digests, of the first store that has it.

        That store is in use from then on. Raises ToolError without a store, InputError without the
        image.
        """
        missing: list[InputError] = []
        for client in self.clients():
            try:
                image_id, digests = ClientEngine(self.space, client).resolve(name)
            except InputError as error:
                missing.append(error)
            else:
                self.use_store(client)
                return image_id, registry_digests(client, image_id, digests)
        raise missing[0]

    def use_store(self, client: Client) -> ClientEngine:
        """Take names of images from the store of this engine from now on."""
        if isinstance(self._engine, ClientEngine) and self._engine.client is client:
            self._store = self._engine
        elif self._store is None or self._store.client is not client:
            self._store = ClientEngine(self.space, client)
        return self._store

    @property
    def sensor(self) -> Sensor:
        """The sensor of the settings. Raises ToolError if it cannot be used."""
        if self._sensor is None:
            self._sensor = choose(self.settings.sensor)
        return self._sensor

    @property
    def skopeo(self) -> Skopeo:
        """The run's calls of skopeo."""
        if self._skopeo is None:
            self._skopeo = Skopeo(self.settings.tls_verify, self.say)
        return self._skopeo

    @property
    def blobs(self) -> BlobCache | None:
        """The cache of blobs, or None if the run keeps none."""
        if self.settings.cache is None:
            return None
        return BlobCache(self.settings.work_root / BLOBS)

    @property
    def known_layers(self) -> KnownLayers:
        """The packed layers of earlier runs."""
        if self._known_layers is None:
            cache = self.known.cache
            values = cache.directory if cache is not None else None
            self._known_layers = KnownLayers(values, self.blobs, self.scratch("known"))
        return self._known_layers

    def end_sensor(self) -> None:
        """Close the sensor, if one was chosen."""
        if self._sensor is not None:
            self._sensor.close()

    def stored_for(self, engine: ClientEngine | EmbeddedEngine) -> Mapping[str, str]:
        """Return the ids of images that are in the engine's own store, as `stored`."""
        return self.stored if engine is self._store else {}

    def require_engine_and_sensor(self) -> None:
        """Choose engine and sensor now. Raises ToolError that names all that is missing."""
        # Fail before an image of gigabytes is read.
        lacks: list[ToolError] = []
        for choose_one in (lambda: self.engine, lambda: self.sensor):
            try:
                choose_one()
            except ToolError as error:
                lacks.append(error)
        if lacks:
            raise ToolError("; ".join(map(str, lacks))) from lacks[0]

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
        self.begun, self.started = time.monotonic(), now()

    def say(self, text: str) -> None:
        """Report what the running stage is doing."""
        if self._stage is not None:
            self._stage.say(text, self.budget.meter)

    @property
    def total(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.begun


def all_cleaners() -> Mapping[str, Cleaner]:
    """Return the cleaners of all kinds of leftovers."""
    return {**engine_cleaners(), **output_cleaners(), LEFTOVER: remove_mapped}


@contextmanager
def session(settings: Settings, progress: Progress) -> Iterator[Session]:
    """Open a run; clean up after killed runs first, and after this one at the end."""
    with workspace(settings.work_root, all_cleaners()) as space:
        for sentence in space.trouble:
            progress.note(f"an earlier run that was killed: {sentence}")
        opened = Session(settings, space, progress, known=known_images(settings.cache))
        if settings.cache is not None and (trouble := trouble_of_named_cache()):
            progress.note(trouble)
        try:
            yield opened
            if saved := saved_line(opened.reused):
                progress.note(saved)
        finally:
            opened.end_sensor()
    for sentence in space.still_used:
        progress.note(sentence)
