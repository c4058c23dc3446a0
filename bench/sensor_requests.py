"""What the sensor costs a server: requests a second of Python's http.server in a docker container,
with and without it, interleaved.

    python bench/sensor_requests.py [--image IMAGE] [--rounds 9] [--requests 4000] [--json FILE]

Needs root, docker and an image with `python`. Each request opens and stats one file, so this is the
dear case. The ratio is the median of the rounds' own ratios.
"""

import argparse
import http.client
import json
import statistics
import time
from pathlib import Path

from careen.sensor.ebpf import EbpfSensor
from tests.support.watched import DockerContainer, docker


def connect(port: int) -> http.client.HTTPConnection:
    """Connect once the server answers."""
    for _ in range(300):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/etc/hostname")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            connection.close()
            time.sleep(0.1)
        else:
            return connection
    message = "the server did not answer within 30 s"
    raise SystemExit(message)


def once(image: str, requests: int, *, watched: bool) -> float:
    """Start a server, ask it `requests` times over one connection; requests a second."""
    # Buffered, so that an answer is one packet: else each request waits for a delayed
    # acknowledgement, and nothing is measured.
    serve = (
        "import http.server as h; c = h.SimpleHTTPRequestHandler; c.protocol_version='HTTP/1.1';"
        " c.wbufsize=65536; c.log_message=lambda *a: None; "
    )
    code = (
        serve + "h.ThreadingHTTPServer(('', 8000), lambda *a: c(*a, directory='/')).serve_forever()"
    )
    container = DockerContainer(
        docker("create", "-p", "127.0.0.1::8000", "--entrypoint", "python", image, "-c", code)
    )
    watch = EbpfSensor().watch(container) if watched else None
    try:
        container.start()
        connection = connect(int(docker("port", container.id, "8000").rpartition(":")[2]))
        begin = time.monotonic()
        for _ in range(requests):
            connection.request("GET", "/etc/hostname")
            connection.getresponse().read()
        rate = requests / (time.monotonic() - begin)
        connection.close()
        if watch:
            trace = watch.finish()
            assert trace.sensor.complete, trace.sensor.losses
        return rate
    finally:
        if watch:
            watch.close()
        container.remove()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--image", default="wl/base:py311")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    plain: list[float] = []
    watched: list[float] = []
    for number in range(options.rounds):
        for with_sensor in (number % 2 == 0, number % 2 == 1):
            (watched if with_sensor else plain).append(
                once(options.image, options.requests, watched=with_sensor)
            )
    pairs = [after / before for before, after in zip(plain, watched, strict=True)]
    found = {
        "plain": statistics.median(plain),
        "watched": statistics.median(watched),
        "ratio": statistics.median(pairs),
        "least": min(pairs),
        "most": max(pairs),
    }
    print(f"requests/s: plain {found['plain']:.0f}, watched {found['watched']:.0f}")
    print(f"ratio {found['ratio']:.3f} ({found['least']:.2f}-{found['most']:.2f}), bound 0.95")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
