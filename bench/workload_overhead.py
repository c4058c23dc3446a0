"""What the sensor costs a whole workload: its start, and its tests, with and without the sensor,
interleaved.

    python -m bench.workload_overhead [--image NAME] [--ready CHECK] [--test CMD …] [--config
    careen.toml] [--engine docker|embedded] [--rounds 9] [--json FILE]

Needs root, and docker (the embedded engine takes its image out of docker's store, too). Default:
the embedding workload with its tests. Each round runs the workload once without and once with the
sensor, in alternating order, after one run that is not counted; containers are made as `careen
profile` makes them. `start` is from the container's start until it is ready, `tests` the sum of the
tests' own time. The ratio is the median of the rounds' own ratios. With the sensor, its own work
before and after (attaching, reading the trace) is in none of the three; it is printed apart. Bound:
1.05 for start, and for tests.

--config takes the workloads of a careen.toml, and its image, instead of --ready and --test.
"""

import argparse
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench._embed import IMAGE, default_test
from bench._room import room
from careen.engines.client.client import DOCKER
from careen.engines.client.engine import ClientEngine
from careen.engines.select import EngineKind, choose_engine, cleaners
from careen.model.image import ImageConfig
from careen.model.runs.engine import Container, Engine, PreparedImage
from careen.model.runs.trace import Phase
from careen.model.runs.workload import ReadyDefault, TestCommand, TestPlace, Workload
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive
from careen.sensor.ebpf import EbpfSensor, EbpfWatch
from careen.tools.workspace import Workspace, workspace
from careen.workload.configuration.project import load_config
from careen.workload.context import RunContext
from careen.workload.ports import wanted_ports
from careen.workload.ready import parse_ready
from careen.workload.run import run_workload

BOUND = 1.05
PARTS = ("start", "tests", "total")


@dataclass(frozen=True, slots=True)
class Bench:
    """What is run: an image that the engine has, and its workloads."""

    engine: Engine
    prepared: PreparedImage
    config: ImageConfig
    workloads: tuple[Workload, ...]


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of one round. `sensor` is what attaching it and reading its trace took besides."""

    start: float
    tests: float
    sensor: float

    @property
    def total(self) -> float:
        return self.start + self.tests


def chosen(options: argparse.Namespace) -> tuple[str, tuple[Workload, ...]]:
    """Return the image's name and the workloads that the command line asks for."""
    if options.config is not None:
        project = load_config(options.config)
        return options.image or project.image or IMAGE, project.workloads
    image = options.image or IMAGE
    ready = parse_ready(options.ready) if options.ready else ReadyDefault()
    tests = tuple(TestCommand(TestPlace.HOST, text) for text in options.test or default_test(image))
    return image, (Workload(ready=ready, tests=tests, observe=0.0 if tests else 5.0),)


@contextmanager
def bench(options: argparse.Namespace, space: Workspace, scratch: Path) -> Iterator[Bench]:
    """Make the image runnable, for the `with` block."""
    name, workloads = chosen(options)
    docker = ClientEngine(space, DOCKER)
    archive = scratch / "image.tar"
    docker.export(name, archive)
    with open_image(DockerArchive(archive), None, scratch, name=name) as image:
        engine = choose_engine(EngineKind(options.engine), space)
        prepared = (
            engine.prepare_existing(name)
            if isinstance(engine, ClientEngine)
            else engine.prepare(image)
        )
        try:
            yield Bench(engine, prepared, image.config, workloads)
        finally:
            engine.discard(prepared)


def run_one(
    bench: Bench, workload: Workload, container: Container, watch: EbpfWatch | None
) -> Times:
    """Run one workload in a container that was created."""

    def on_phase(phase: Phase) -> None:
        if watch is not None:
            if phase is Phase.START:
                watch.started()
            watch.set_phase(phase)

    result = run_workload(
        container, workload, RunContext(bench.prepared.reference, bench.config, None, on_phase)
    )
    if not result.passed:
        message = f"workload {workload.name!r}: {result.reason}"
        raise SystemExit(message)
    tests = sum(test.seconds for test in result.tests)
    return Times(
        result.seconds if result.ready_seconds is None else result.ready_seconds, tests, 0.0
    )


def once(bench: Bench, *, watched: bool) -> Times:
    """Run every workload once, in fresh containers."""
    start = tests = sensor = 0.0
    for workload in bench.workloads:
        container = bench.engine.create(
            bench.prepared, workload.run, wanted_ports(bench.config, workload)
        )
        try:
            begin = time.monotonic()
            watch = EbpfSensor().watch(container) if watched else None
            sensor += time.monotonic() - begin if watched else 0.0
            try:
                times = run_one(bench, workload, container, watch)
                begin = time.monotonic()
                lost = watch.finish().sensor.completeness.lost if watch is not None else 0
                sensor += time.monotonic() - begin if watched else 0.0
            finally:
                if watch is not None:
                    watch.close()
        finally:
            container.remove()
        if lost:
            message = (
                f"workload {workload.name!r}: the sensor lost {lost} events, so what it cost is not"
                " known"
            )
            raise SystemExit(message)
        start, tests = start + times.start, tests + times.tests
    return Times(start, tests, sensor)


def measure(bench: Bench, rounds: int) -> tuple[list[Times], list[Times]]:
    """Run all rounds; return the times without and with the sensor."""
    once(bench, watched=False)
    plain: list[Times] = []
    watched: list[Times] = []
    for number in range(rounds):
        for with_sensor in (number % 2 == 0, number % 2 == 1):
            (watched if with_sensor else plain).append(once(bench, watched=with_sensor))
    return plain, watched


def figures(plain: Sequence[Times], watched: Sequence[Times], part: str) -> dict[str, float]:
    """Medians and paired ratios of one part; empty if the workload has none of it."""
    pairs = [
        (getattr(one, part), getattr(two, part)) for one, two in zip(plain, watched, strict=True)
    ]
    if not all(one for one, _ in pairs):
        return {}
    ratios = [two / one for one, two in pairs]
    return {
        "plain": statistics.median(one for one, _ in pairs),
        "watched": statistics.median(two for _, two in pairs),
        "ratio": statistics.median(ratios),
        "least": min(ratios),
        "most": max(ratios),
    }


def main() -> None:
    """Measure, print, write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--image")
    parser.add_argument("--ready")
    parser.add_argument("--test", action="append", default=[])
    parser.add_argument("--config", type=Path)
    parser.add_argument("--engine", choices=["docker", "embedded"], default="docker")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with (
        room(8 << 30) as scratch,
        workspace(scratch / "work", cleaners()) as space,
        bench(options, space, scratch) as made,
    ):
        plain, watched = measure(made, options.rounds)
    found: dict[str, object] = {
        "rounds": options.rounds,
        "sensor_seconds": statistics.median(times.sensor for times in watched),
    }
    print(f"{'part':8} {'plain s':>8} {'watched s':>10} {'ratio':>6} {'range':>13} {'bound':>6}")
    for part in PARTS:
        row = figures(plain, watched, part)
        if row:
            found[part] = row
            span = f"{row['least']:.2f}-{row['most']:.2f}"
            print(
                f"{part:8} {row['plain']:8.3f} {row['watched']:10.3f} {row['ratio']:6.3f}"
                f" {span:>13} {BOUND:>6}"
            )
    print(f"attaching and reading the trace: {found['sensor_seconds']:.2f} s a workload's round")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
