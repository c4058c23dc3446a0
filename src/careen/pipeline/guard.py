"""Watch a running container against the RBOM of its image, and report what deviates."""

import contextlib
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from careen.drift.compare import Comparison
from careen.drift.known import Known, known
from careen.drift.ledger import Ledger
from careen.engines.attached import ExitWatch
from careen.model.runs.attached import RunningContainer
from careen.model.runs.drift import Deviation, Drift, Guarded
from careen.model.runs.news import News
from careen.oci.image import Image
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.attach import End, ends_of, find_running, image_of, require_image
from careen.pipeline.guarding.basis import Files, basis_of
from careen.pipeline.guarding.contents import Contents, limited
from careen.pipeline.profiling.image_match import changes
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import open_source
from careen.sensor.port import Follow

TICK = 0.2
"""Seconds between two readings."""


@dataclass(frozen=True, slots=True)
class GuardRequest:
    """What to watch, and what to compare it with.

    Give one of `container` and `cgroup`; a `cgroup` needs `image`. `candidates` are where RBOM and
    plan may be, most likely first. `seconds` None: until the container ends. `allowed` are shell
    patterns of subjects that are expected.
    """

    container: str | None
    cgroup: Path | None
    image: str | None
    candidates: tuple[Files, ...]
    seconds: float | None = None
    allowed: tuple[str, ...] = ()


class Listener(Protocol):
    """Who is told while the watch runs."""

    def started(self, guarded: Guarded, drift: Drift) -> None:
        """The watch has begun; `drift` says what is not compared."""

    def deviated(self, deviation: Deviation) -> None:
        """Something new deviates."""

    def lost(self, drift: Drift) -> None:
        """More events were lost."""

    def tick(self, drift: Callable[[], Drift]) -> None:
        """The watch goes on; called several times a second, so `drift` is made on demand."""


def guard(request: GuardRequest, listener: Listener, session: Session) -> tuple[Drift, End]:
    """Watch a running container, tell `listener` what deviates, and return it all with the end.

    The watch ends after `request.seconds`, with the container, or on SIGINT, SIGTERM or SIGHUP.
    The container is not changed. Raises InputError (no such container, an RBOM of another image),
    ConfigError, ImageError or ToolError (sensor, engine).
    """
    running = find_running(request.container, request.cgroup, session)
    require_image(running, request.image, "name it with --image")
    with (
        contextlib.closing(ExitWatch(running)) as life,
        contextlib.closing(session.sensor.follow(running)) as watch,
        contextlib.ExitStack() as held,
    ):
        begun = time.time()
        until = None if request.seconds is None else time.monotonic() + request.seconds
        with session.stage("inspect"):
            image = held.enter_context(
                open_source(request.image or image_of(running, session), session)
            )
            guarded, expected, rootfs = _expected(request, running, begun, image, session)
        contents = held.enter_context(contextlib.closing(Contents(running.pid, rootfs)))
        expected, guarded = limited(expected, guarded, contents)
        ledger = Ledger(expected.not_compared)
        listener.started(guarded, ledger.as_drift())
        comparison = Comparison(expected, rootfs, _wall, contents.same, request.allowed)
        told = _Told(comparison, ledger, listener)
        end = _watch(watch, life, until, told)
        told.all(watch.finish())
        return ledger.as_drift(), end


def _expected(
    request: GuardRequest, running: RunningContainer, begun: float, image: Image, session: Session
) -> tuple[Guarded, Known, Rootfs]:
    """Return what is watched, what it is compared with, and the paths of its image."""
    basis = basis_of(image, request.candidates)
    session.say("reading the layers")
    rootfs = image.rootfs()
    notes = (*basis.notes, *changes(running, rootfs, request.image))
    return (
        Guarded(running.name, image.ref, basis.bom.image, begun, notes),
        known(basis.bom, basis.plan, platform.machine()),
        rootfs,
    )


def _wall(monotonic: float) -> float:
    """Return a monotonic time as seconds since 1970, by the clock as it is now."""
    return time.time() - (time.monotonic() - monotonic)


class _Told:
    """What is told to the listener, in the order of the news."""

    def __init__(self, comparison: Comparison, ledger: Ledger, listener: Listener) -> None:
        self._comparison, self._ledger, self._listener = comparison, ledger, listener

    def all(self, parts: Iterator[News]) -> None:
        for news in parts:
            for new in self._ledger.add(self._comparison.deviations(news, time.monotonic())):
                self._listener.deviated(new)
            if self._ledger.settle(news.tallies, news.losses):
                self._listener.lost(self._ledger.as_drift())
        self._listener.tick(self._ledger.as_drift)


def _watch(watch: Follow, life: ExitWatch, until: float | None, told: _Told) -> End:
    """Read until the end, and return its reason."""
    with ends_of(life) as ended_within:
        while until is None or time.monotonic() < until:
            told.all(watch.news())
            left = TICK if until is None else max(0.0, min(TICK, until - time.monotonic()))
            if (end := ended_within(left)) is not None:
                return end
    return End.TIME
