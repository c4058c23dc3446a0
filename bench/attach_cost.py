"""What attaching costs a service that runs under load: requests a second and the 99th percentile of
their time, with the attached sensor beside without it.

    python -m bench.attach_cost [--image IMAGE] [--port 8000] [--path /etc/hostname] [--post TEXT]
    [--rounds 6] [--slot 20] [--long 600] [--json FILE]

Needs root, docker and an image with `python`. One container runs all the time; without --port it is
Python's http.server, where each request opens and stats a file: the dear case. Four clients ask as
fast as they are answered. In each round there is a slot of SLOT seconds without and one with the
sensor, which attaches at the slot's begin and detaches at its end, in alternating order; ratios are
the medians of the rounds' own ratios. `cpu` is the processor time of the container's first process
for one request. Then, with --long, one recording of that many seconds: what was lost, and what the
sensor's process took.

Bound: 0.95 of the requests a second, and nothing lost.
"""

import argparse
import http.client
import json
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench._room import ending
from careen.engines.attached import find_container
from careen.engines.client.client import DOCKER
from careen.model.runs.attached import RunningContainer
from careen.model.runs.trace import Trace
from careen.sensor.ebpf import EbpfSensor, EbpfWatch
from tests.support.watched import docker

CLIENTS = 4
SERVE = (
    # Buffered, so that an answer is one packet: else each request waits for a delayed
    # acknowledgement, and nothing is measured.
    "import http.server as h; c = h.SimpleHTTPRequestHandler; c.protocol_version='HTTP/1.1';"
    " c.wbufsize=65536; c.log_message=lambda *a: None; h.ThreadingHTTPServer(('', 8000), lambda *a:"
    " c(*a, directory='/')).serve_forever()"
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, and where: `body` None is a GET."""

    port: int
    path: str
    body: str | None

    def ask(self, connection: http.client.HTTPConnection) -> None:
        """Ask once and read the answer; anything but 200 ends the benchmark."""
        connection.request(
            "POST" if self.body else "GET",
            self.path,
            self.body,
            {"Content-Type": "application/json"} if self.body else {},
        )
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            message = f"{self.path}: the service answers {answer.status}"
            raise SystemExit(message)


@dataclass(frozen=True, slots=True)
class Slot:
    """Requests a second, percentiles of a request's time in milliseconds, and the processor time of
    one in the container's first process, in milliseconds.
    """

    rate: float
    median: float
    p99: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Recording:
    """What one recording held and cost: seconds to attach and to finish, touches, losses, and the
    peak memory of the sensor's process in 10^6 bytes.
    """

    seconds: float
    attach: float
    finish: float
    events: int
    touches: int
    lost: int
    peak_mb: float
    cpu: float


def _client(request: Request, until: float, times: list[float]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", request.port, timeout=60)
    while time.monotonic() < until:
        begin = time.monotonic()
        try:
            request.ask(connection)
        except (http.client.HTTPException, ConnectionError):
            # the service ends a connection after some requests: that is no failure
            connection.close()
            continue
        times.append(time.monotonic() - begin)
    connection.close()


def cpu_of(pid: int) -> float:
    """Processor seconds of a process so far, all its threads, in both modes."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(pid: int, request: Request, seconds: float) -> Slot:
    """Ask for as long with all clients; `pid` is the container's first process."""
    begin, cpu = time.monotonic(), cpu_of(pid)
    times: list[list[float]] = [[] for _ in range(CLIENTS)]
    threads = [
        threading.Thread(target=_client, args=(request, begin + seconds, each)) for each in times
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, cpu = time.monotonic() - begin, cpu_of(pid) - cpu
    every = sorted(one for each in times for one in each)
    if not every:
        message = "no request was answered"
        raise SystemExit(message)
    return Slot(
        len(every) / took,
        every[len(every) // 2] * 1000,
        every[int(len(every) * 0.99)] * 1000,
        cpu * 1000 / len(every),
    )


def _helper(watch: EbpfWatch) -> tuple[float, float]:
    """The helper's peak memory (10^6 bytes) and processor seconds."""
    status = Path(f"/proc/{watch.helper_pid}/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    return peak * 1024 / 1e6, cpu_of(watch.helper_pid)


def attached(running: RunningContainer, work: Callable[[], Slot]) -> tuple[Slot, Recording, Trace]:
    """Do the work under the attached sensor."""
    begin = time.monotonic()
    watch = EbpfSensor().attach(running)
    try:
        attach = time.monotonic() - begin
        slot = work()
        peak, cpu = _helper(watch)
        end = time.monotonic()
        trace = watch.finish()
        finish = time.monotonic() - end
    finally:
        watch.close()
    return (
        slot,
        Recording(
            trace.seconds,
            attach,
            finish,
            trace.sensor.events or 0,
            len(trace.touches),
            trace.sensor.completeness.lost,
            peak,
            cpu,
        ),
        trace,
    )


@contextmanager
def service(options: argparse.Namespace) -> Iterator[tuple[RunningContainer, Request]]:
    """Run the container until it answers; it is removed afterwards."""
    inside = options.port or 8000
    words = (
        ("--entrypoint", "python", options.image, "-c", SERVE)
        if options.port is None
        else (options.image,)
    )
    name = docker("run", "-d", "-p", f"127.0.0.1::{inside}", *words)
    try:
        request = Request(
            int(docker("port", name, str(inside)).rpartition(":")[2]), options.path, options.post
        )
        deadline = time.monotonic() + 180
        while True:
            try:
                request.ask(http.client.HTTPConnection("127.0.0.1", request.port, timeout=30))
                break
            except (OSError, http.client.HTTPException):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
        yield find_container(name, (DOCKER,))[0], request
    finally:
        docker("rm", "-f", "-v", name)


def compare(
    options: argparse.Namespace, running: RunningContainer, request: Request
) -> tuple[list[tuple[Slot, Slot]], list[Recording]]:
    """Return the slots of each round, (without, with), and the recordings."""
    load(running.pid, request, min(options.slot, 5.0))  # warm
    pairs: list[tuple[Slot, Slot]] = []
    recordings: list[Recording] = []
    for number in range(options.rounds):
        found: dict[bool, Slot] = {}
        for with_sensor in (number % 2 == 0, number % 2 == 1):
            if with_sensor:
                found[True], recording, _ = attached(
                    running, lambda: load(running.pid, request, options.slot)
                )
                recordings.append(recording)
            else:
                found[False] = load(running.pid, request, options.slot)
        pairs.append((found[False], found[True]))
    return pairs, recordings


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--image", default="wl/base:py311")
    parser.add_argument(
        "--port",
        type=int,
        help=(
            "the port that the image's own command listens on; default: Python's http.server is run"
            " instead"
        ),
    )
    parser.add_argument("--path", default="/etc/hostname")
    parser.add_argument("--post", help="the JSON that is posted; default: a GET")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--slot", type=float, default=20.0)
    parser.add_argument(
        "--long", type=float, default=0.0, help="seconds of one more recording; default: none"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with ending(), service(options) as (running, request):
        pairs, recordings = compare(options, running, request)
        long = (
            attached(running, lambda: load(running.pid, request, options.long))
            if options.long
            else None
        )
    rates = [after.rate / before.rate for before, after in pairs]
    tails = [after.p99 / before.p99 for before, after in pairs]
    costs = [after.cpu / before.cpu for before, after in pairs]
    every = [*recordings, *([long[1]] if long else [])]
    found = {
        "plain": asdict(_median([before for before, _ in pairs])),
        "attached": asdict(_median([after for _, after in pairs])),
        "rate_ratio": statistics.median(rates),
        "rate_ratios": [min(rates), max(rates)],
        "p99_ratio": statistics.median(tails),
        "p99_ratios": [min(tails), max(tails)],
        "cpu_ratio": statistics.median(costs),
        "cpu_ratios": [min(costs), max(costs)],
        "attach_seconds": statistics.median(one.attach for one in recordings),
        "lost": sum(one.lost for one in every),
        "long": {**asdict(long[1]), "slot": asdict(long[0])} if long else None,
    }
    print(json.dumps(found, indent=1))
    print(
        f"requests/s {found['rate_ratio']:.3f} ({min(rates):.2f}-{max(rates):.2f}), bound 0.95; p99"
        f" {found['p99_ratio']:.2f}"
    )
    print(
        f"processor time of a request {found['cpu_ratio']:.3f} ({min(costs):.2f}-{max(costs):.2f});"
        f" lost {found['lost']}"
    )
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


def _median(slots: list[Slot]) -> Slot:
    return Slot(
        *(
            statistics.median(getattr(slot, name) for slot in slots)
            for name in ("rate", "median", "p99", "cpu")
        )
    )


if __name__ == "__main__":
    main()
