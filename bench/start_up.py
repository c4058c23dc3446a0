"""What stripping costs a start: the original image beside the hardened one, with a cold and a warm
page cache.

    python -m bench.start_up [--original NAME] [--hardened NAME] [--path /health] [--command CMD …]
                             [--rounds 9] [--json FILE]

Needs root and docker. Without --hardened the original is profiled by its tests and stripped at
`closure` first; default: the embedding workload. Each round starts both images once, in alternating
order, first all rounds with a cold page cache, then those with a warm one. `ready` is the time from
`docker run` until PATH of the first exposed port answers 200, `cpu` the processor time that the
container has used by then. Each --command then runs in both containers (`python -c "import x"`), as
the image's user; `cpu` is what the container used meanwhile. Ratios are the medians of the rounds'
own ratios; on a busy machine trust those of `cpu`.

Bound: 1.00 of the original's processor time until it is ready, within 0.03 (status 1 otherwise). A
cold page cache is that of the whole machine: the benchmark empties it.
"""

import argparse
import http.client
import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench._embed import IMAGE, profile_words
from bench._measured import CHECKOUT, measured
from bench._room import room
from careen.tools.process import run
from tests.support.watched import docker

BOUND = 1.03
STATES = ("cold", "warm")
LIMIT = 600.0
_USAGE = (  # control group 2 by systemd and without it, then control group 1; unit: seconds
    ("system.slice/docker-{}.scope/cpu.stat", 1e-6),
    ("docker/{}/cpu.stat", 1e-6),
    ("cpuacct/docker/{}/cpuacct.usage", 1e-9),
)


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds until ready, processor seconds until then, and those of each command."""

    ready: float
    cpu: float
    commands: tuple[float, ...]


@dataclass(slots=True)
class Rounds:
    """What was measured of both images in one state of the page cache."""

    original: list[Start] = field(default_factory=list)
    hardened: list[Start] = field(default_factory=list)


def processor_seconds(container: str) -> float:
    """Return what a container's control group has used of the processors."""
    for place, unit in _USAGE:
        file = Path("/sys/fs/cgroup", place.format(container))
        if file.is_file():
            return int(file.read_text().removeprefix("usage_usec").split()[0]) * unit
    message = f"no control group of container {container[:12]} below /sys/fs/cgroup"
    raise SystemExit(message)


def once(image: str, path: str, commands: Sequence[str], state: str) -> Start:
    """Start an image until it answers, then run the commands in it."""
    if state == "cold":
        os.sync()
        Path("/proc/sys/vm/drop_caches").write_text("3")
    begin = time.monotonic()
    container = docker("run", "-d", "-P", "--no-healthcheck", image)
    try:
        port = int(docker("port", container).splitlines()[0].rpartition(":")[2])
        while not _answers(port, path):
            if time.monotonic() - begin > LIMIT:
                message = f"{image}: {path} does not answer 200 in {LIMIT:g} s"
                raise SystemExit(message)
            time.sleep(0.05)
        ready, cpu = time.monotonic() - begin, processor_seconds(container)
        return Start(ready, cpu, tuple(_command(container, text) for text in commands))
    finally:
        run(["docker", "rm", "-f", container], timeout=LIMIT)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _command(container: str, text: str) -> float:
    before = processor_seconds(container)
    done = run(["docker", "exec", container, "sh", "-c", text], timeout=LIMIT)
    if done.status != 0:
        message = f"{text}: {done.complaint}"
        raise SystemExit(message)
    return processor_seconds(container) - before


def measure(
    images: tuple[str, str], path: str, commands: Sequence[str], rounds: int
) -> dict[str, Rounds]:
    """Run all rounds of a state, after one start of each image that is not counted."""
    found = {state: Rounds() for state in STATES}
    for state in STATES:  # a cold start of one image empties the page cache of the other, too
        for image in images:
            once(image, path, commands, state)
        for number in range(rounds):
            for hardened in (number % 2 == 0, number % 2 == 1):
                row = found[state].hardened if hardened else found[state].original
                row.append(once(images[hardened], path, commands, state))
    return found


def figures(pairs: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Return medians and the median of the paired ratios."""
    return {
        "original": statistics.median(one for one, _ in pairs),
        "hardened": statistics.median(two for _, two in pairs),
        "ratio": statistics.median(two / one for one, two in pairs),
    }


@contextmanager
def images_of(options: argparse.Namespace, scratch: Path) -> Iterator[tuple[str, str]]:
    """Return both images; one that was made here goes afterwards."""
    if options.hardened:
        yield options.original, options.hardened
        return
    rbom, tag = scratch / "rbom.json", "careen-bench/start-up:hardened"
    careen = [str(CHECKOUT / ".venv" / "bin" / "python"), "-m", "careen"]
    measured(
        [
            *careen,
            "profile",
            options.original,
            "-o",
            str(rbom),
            *profile_words(options.original, ()),
        ],
        3600,
    )
    measured([*careen, "strip", options.original, "--rbom", str(rbom), "-t", tag], 3600)
    try:
        yield options.original, tag
    finally:
        run(["docker", "image", "rm", "-f", tag], timeout=LIMIT)


def main() -> None:
    """Measure, print, write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--original", default=IMAGE)
    parser.add_argument("--hardened")
    parser.add_argument("--path", default="/health")
    parser.add_argument("--command", action="append", default=[])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with room(8 << 30) as scratch, images_of(options, scratch) as images:
        found = measure(images, options.path, options.command, options.rounds)
    rows: dict[str, dict[str, float]] = {}
    for state, both in found.items():
        pairs = list(zip(both.original, both.hardened, strict=True))
        rows[f"{state} ready"] = figures([(one.ready, two.ready) for one, two in pairs])
        rows[f"{state} cpu"] = figures([(one.cpu, two.cpu) for one, two in pairs])
        for number, text in enumerate(options.command):
            rows[f"{state} {text}"] = figures(
                [(one.commands[number], two.commands[number]) for one, two in pairs]
            )
    print(f"{'original s':>10} {'hardened s':>10} {'ratio':>6}")
    for name, row in rows.items():
        print(f"{row['original']:10.3f} {row['hardened']:10.3f} {row['ratio']:6.3f}  {name}")
    if options.json:
        options.json.write_text(
            json.dumps({"rounds": options.rounds, "figures": rows}, indent=2) + "\n"
        )
    raise SystemExit(1 if any(rows[f"{state} cpu"]["ratio"] > BOUND for state in STATES) else 0)


if __name__ == "__main__":
    main()
