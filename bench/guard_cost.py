"""What `careen guard` costs a service under load, what it loses, and how soon it tells.

    python -m bench.guard_cost [--image IMAGE] [--rounds 5] [--slot 10] [--json FILE]

Needs root, docker and an image with `python`, `sh` and `cp`; one container of Python's http.server
runs all the time. Its RBOM is recorded under the same load, by `careen profile --attach`. In each
round every kind of work is done without and with a guard, side by side, in alternating order;
ratios are the medians of the rounds' own ratios. `cpu` are those of the processor time of the
container's processes, `clock` those by the clock, which a busy machine disturbs. The work:

- requests of four clients, each of which opens and stats a file;
- a shell that starts /bin/true a thousand times;
- one file that is opened and closed 200,000 times;
- 100,000 different names that are not there: each is a first sight.

Then, under the load of requests, a fresh program is copied in and executed, again and again. `told`
is the time from its exec, as the kernel has it, until the line of the event is read.

Bound: nothing lost, every program told, each within one second.
"""

import argparse
import datetime as dt
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench._room import ending
from bench.attach_cost import Request, cpu_of, load, service
from careen.model.runs.attached import RunningContainer
from tests.support.watched import docker

PROGRAMS = 30
TIMED = (
    "import os,time; b=time.monotonic(); c=sum(os.times()[:4])\n{}\n"
    "print(time.monotonic()-b, sum(os.times()[:4])-c)"
)
OPENS = "for _ in range(200000): os.close(os.open('/etc/hostname', 0))"
FIRST = (
    "for i in range(100000):\n try: os.stat('/nowhere-{}-%d' % i)\n except FileNotFoundError: pass"
)
EXECS = "os.system('i=0; while [ $i -lt 1000 ]; do /bin/true; i=$((i+1)); done')"


@dataclass
class Guard:
    """A guard that runs: what it printed, with the time at which each line was read."""

    process: "subprocess.Popen[bytes]"
    events: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append((time.time(), json.loads(line)))

    def pids(self) -> list[int]:
        """The guard and its helper."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        children = " ".join((task / "children").read_text() for task in tasks)
        return [self.process.pid, *map(int, children.split())]

    def peak_mb(self) -> float:
        """Peak memory of both, in 10^6 bytes."""
        texts = (Path(f"/proc/{pid}/status").read_text() for pid in self.pids())
        peaks = (line.split()[1] for text in texts for line in text.splitlines() if "VmHWM" in line)
        return sum(map(int, peaks)) * 1024 / 1e6

    def cpu(self) -> float:
        return sum(map(cpu_of, self.pids()))


@contextmanager
def guarding(name: str, rbom: Path) -> Iterator[Guard]:
    """Run a guard from its first line on, until it has said its last."""
    words = [sys.executable, "-m", "careen", "guard", name, "--rbom", str(rbom), "-q"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    guard = Guard(process)
    reader = threading.Thread(target=guard.read)
    reader.start()
    try:
        while not guard.events:
            if process.poll() is not None:
                raise SystemExit(process.returncode or 1)
            time.sleep(0.05)
        yield guard
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        reader.join()


Cost = tuple[float, float]
"""Seconds by the clock, and of processor time."""


def inside(name: str, work: str) -> Cost:
    """Do work in the container, and return what it took."""
    clock, cpu = docker("exec", name, "python", "-c", TIMED.format(work)).split()
    return float(clock), float(cpu)


def requests(pid: int, request: Request, seconds: float) -> Cost:
    """Return what one request took."""
    slot = load(pid, request, seconds)
    return 1 / slot.rate, slot.cpu


def works(name: str, pid: int, request: Request, slot: float) -> dict[str, Callable[[], Cost]]:
    """The kinds of work."""
    number = iter(range(10**6))
    return {
        "requests": lambda: requests(pid, request, slot),
        "execs": lambda: inside(name, EXECS),
        "opens": lambda: inside(name, OPENS),
        "first sights": lambda: inside(name, FIRST.format(next(number))),
    }


def compare(
    options: argparse.Namespace, name: str, running: RunningContainer, request: Request, rbom: Path
) -> tuple[dict[str, list[Cost]], list[dict[str, Any]], list[float]]:
    """Return the ratios of each kind of work, what the guards said last, and their share of a
    processor.
    """
    ratios: dict[str, list[Cost]] = {}
    ends: list[dict[str, Any]] = []
    shares: list[float] = []
    for number in range(options.rounds):
        found: dict[bool, dict[str, Cost]] = {}
        for guarded in (number % 2 == 0, number % 2 == 1):
            todo = works(name, running.pid, request, options.slot)
            if guarded:
                with guarding(name, rbom) as guard:
                    begin, cpu = time.monotonic(), guard.cpu()
                    found[True] = {kind: work() for kind, work in todo.items()}
                    shares.append((guard.cpu() - cpu) / (time.monotonic() - begin))
                ends.append(guard.events[-1][1])
            else:
                found[False] = {kind: work() for kind, work in todo.items()}
        for kind, (clock, cpu) in found[True].items():
            before = found[False][kind]
            ratios.setdefault(kind, []).append((clock / before[0], cpu / before[1]))
    return ratios, ends, shares


def told(
    options: argparse.Namespace, name: str, running: RunningContainer, request: Request, rbom: Path
) -> tuple[list[float], dict[str, Any], float]:
    """Return how long each fresh program took to be told, the last event and the peak memory."""
    with guarding(name, rbom) as guard:
        seconds = max(options.slot, 30.0)
        busy = threading.Thread(target=load, args=(running.pid, request, seconds))
        busy.start()
        for number in range(PROGRAMS):
            docker("exec", name, "cp", "/bin/true", f"/tmp/fresh-{number}")
            docker("exec", name, f"/tmp/fresh-{number}")
        busy.join()
        time.sleep(2)
        peak = guard.peak_mb()
    late = [
        read - dt.datetime.fromisoformat(event["time"]).timestamp()
        for read, event in guard.events
        if event["event"] == "deviation" and event["subject"].startswith("/tmp/fresh-")
    ]
    return late, guard.events[-1][1], peak


def recorded(name: str, running: RunningContainer, request: Request, folder: Path) -> Path:
    """Record the RBOM of the container under load."""
    rbom = folder / "rbom.json"
    words = [sys.executable, "-m", "careen", "profile", "--attach", name, "--for", "20s", "-q"]
    process = subprocess.Popen([*words, "-o", str(rbom)])
    while process.poll() is None:
        load(running.pid, request, 1.0)
    if process.returncode:
        raise SystemExit(process.returncode)
    return rbom


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--image", default="wl/base:py311")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slot", type=float, default=10.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.port, options.path, options.post = None, "/etc/hostname", None
    with ending(), service(options) as (running, request), tempfile.TemporaryDirectory() as folder:
        name = running.container_id
        rbom = recorded(name, running, request, Path(folder))
        ratios, ends, shares = compare(options, name, running, request, rbom)
        late, last, peak = told(options, name, running, request, rbom)
    lost = sum(sum(end["losses"].values()) for end in (*ends, last))
    found = {
        "cpu": {kind: spread([cpu for _, cpu in every]) for kind, every in ratios.items()},
        "clock": {kind: spread([clock for clock, _ in every]) for kind, every in ratios.items()},
        "processor_share": statistics.median(shares),
        "told": len(late),
        "told_median": statistics.median(late) if late else None,
        "told_worst": max(late, default=None),
        "peak_mb": peak,
        "lost": lost,
        "load": os.getloadavg(),
    }
    print(json.dumps(found, indent=1))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    quick = len(late) == PROGRAMS and max(late) < 1
    sys.exit(0 if quick and not lost else 1)


def spread(values: list[float]) -> list[float]:
    """Return the median, the least and the greatest."""
    return [round(each, 3) for each in (statistics.median(values), min(values), max(values))]


if __name__ == "__main__":
    main()
