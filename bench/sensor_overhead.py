"""What the eBPF sensor costs: microbenchmarks in a docker container, with and without it,
interleaved.

    python bench/sensor_overhead.py [--rounds 9] [--json FILE] [MODE …]

Needs root, docker and gcc. Each round runs every mode once without and once with the sensor, in
alternating order; the ratio is the median of the rounds' own ratios. The container runs without a
seccomp filter, which would only hide the cost.
"""

import argparse
import io
import json
import statistics
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from careen.sensor.ebpf import EbpfSensor
from tests.support.watched import create, docker

IMAGE = "careen-sensor-bench"
MODES = {
    "open1": 500_000,
    "stat1": 500_000,
    "miss1": 500_000,
    "open100k": 100_000,
    "stat100k": 100_000,
    "getppid": 2_000_000,
}
BOUNDS = {"open1": 1.7, "open100k": 2.5}


@contextmanager
def image() -> Iterator[None]:
    """The image of the microbenchmarks, for the `with` block."""
    with tempfile.TemporaryDirectory() as directory:
        program = Path(directory) / "ops"
        subprocess.check_call(
            [
                "gcc",
                "-O2",
                "-static",
                "-o",
                str(program),
                str(Path(__file__).with_name("sensor_ops.c")),
            ]
        )
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            tar.add(program, "ops")
        docker("import", "--change", 'ENTRYPOINT ["/ops"]', "-", IMAGE, stdin=out.getvalue())
    try:
        yield
    finally:
        docker("rmi", "-f", IMAGE)


def once(mode: str, *, watched: bool) -> float:
    """Run one mode in a fresh container; nanoseconds per operation."""
    # A tmpfs keeps the file system's own cost of a first open out of the figure: the ratio is the
    # stricter for it.
    options = ("--security-opt", "seccomp=unconfined", "--tmpfs", "/tree:size=512m")
    container = create(mode, str(MODES[mode]), image=IMAGE, options=options)
    watch = EbpfSensor().watch(container) if watched else None
    try:
        container.start()
        if container.wait(300) != 0:
            message = f"{mode}: {container.logs()}"
            raise SystemExit(message)
        if watch:
            trace = watch.finish()
            assert trace.sensor.complete, trace.sensor.losses
        return float(container.logs())
    finally:
        if watch:
            watch.close()
        container.remove()


def measure(mode: str, rounds: int) -> dict[str, float]:
    """Medians and the median paired ratio of one mode."""
    plain: list[float] = []
    watched: list[float] = []
    once(mode, watched=False)
    for number in range(rounds):
        for with_sensor in (number % 2 == 0, number % 2 == 1):
            (watched if with_sensor else plain).append(once(mode, watched=with_sensor))
    pairs = [after / before for before, after in zip(plain, watched, strict=True)]
    return {
        "plain_ns": statistics.median(plain),
        "watched_ns": statistics.median(watched),
        "ratio": statistics.median(pairs),
        "least": min(pairs),
        "most": max(pairs),
    }


def main() -> None:
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "modes",
        nargs="*",
        default=list(MODES),
        metavar="MODE",
        help=f"one or more of {', '.join(MODES)}",
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results: dict[str, dict[str, float]] = {}
    print(
        f"{'mode':10} {'plain ns':>10} {'watched ns':>11} {'ratio':>6} {'range':>13} {'bound':>6}"
    )
    with image():
        for mode in options.modes:
            found = results[mode] = measure(mode, options.rounds)
            span = f"{found['least']:.2f}-{found['most']:.2f}"
            print(
                f"{mode:10} {found['plain_ns']:10.1f} {found['watched_ns']:11.1f}"
                f" {found['ratio']:6.2f} {span:>13} {BOUNDS.get(mode, ''):>6}",
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
