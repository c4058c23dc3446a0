"""What the relay between tests and service costs: requests a second and bytes a second of a small
HTTP server, directly and through it, interleaved.

    python -m bench.relay_cost [--rounds 9] [--requests 4000] [--megabytes 512] [--json FILE]

Needs neither root nor docker. Server and client are processes of their own, as service and tests
are; the relay is in this one, as in careen. `one` is one connection that stays, `many` are 16 of
them at once, `new` a connection for each request, `body` one answer of many megabytes. The server
does nothing, so this is the dear case: what a request costs more is printed in microseconds, to be
held beside what a real service takes for one. Ratios are the medians of the rounds' own ratios.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from careen.workload.relay import Relay

KINDS = ("one", "many", "new", "body")
CLIENTS = 16
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length:"
    b' 15\r\n\r\n{"status":"ok"}'
)
_REQUEST = (
    b"GET /health?verbose=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nUser-Agent: bench\r\n\r\n"
)
_MEGABYTE = b"x" * (1 << 20)


async def serve() -> None:
    """Answer every request on every connection: `/N` with N megabytes, anything else with a few
    bytes.
    """

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = head.split(b" ", 2)[1][1:]
                if size.isdigit():
                    writer.write(
                        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (int(size) << 20)
                    )
                    for _ in range(int(size)):
                        writer.write(_MEGABYTE)
                        await writer.drain()
                else:
                    writer.write(_ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def ask(port: int, count: int, *, stay: bool) -> None:
    """Send `count` requests, one after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in range(count):
        writer.write(_REQUEST)
        await reader.readexactly(len(_ANSWER))
        if not stay and number < count - 1:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def client(port: int, kind: str, amount: int) -> float:
    """Return requests, or megabytes, a second."""
    begun = time.monotonic()
    if kind == "body":
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        writer.write(b"GET /%d HTTP/1.1\r\n\r\n" % amount)
        await reader.readuntil(b"\r\n\r\n")
        left = amount << 20
        while left:
            left -= len(await reader.read(1 << 20))
        writer.close()
    elif kind == "many":
        await asyncio.gather(*(ask(port, amount // CLIENTS, stay=True) for _ in range(CLIENTS)))
        amount -= amount % CLIENTS
    else:
        await ask(port, amount, stay=kind == "one")
    return amount / (time.monotonic() - begun)


@contextmanager
def server() -> Iterator[int]:
    """A server in a process of its own; its port."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.relay_cost", "--serve"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def once(port: int, kind: str, amount: int) -> float:
    """Run a client in a process of its own."""
    said = subprocess.check_output(
        [sys.executable, "-m", "bench.relay_cost", "--client", str(port), kind, str(amount)],
        text=True,
    )
    return float(said)


def measure(rounds: int, amounts: dict[str, int]) -> dict[str, dict[str, float]]:
    """All kinds, both ways, in alternating order."""
    direct: dict[str, list[float]] = {kind: [] for kind in KINDS}
    relayed: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with server() as port, Relay({8080: port}) as relay:
        for number in range(rounds):
            for kind in KINDS:
                for through in (number % 2 == 0, number % 2 == 1):
                    rate = once(relay.ports[8080] if through else port, kind, amounts[kind])
                    (relayed if through else direct)[kind].append(rate)
    return {kind: figures(direct[kind], relayed[kind]) for kind in KINDS}


def figures(direct: list[float], relayed: list[float]) -> dict[str, float]:
    """Medians, paired ratios, and what one request costs more, in microseconds."""
    ratios = [after / before for before, after in zip(direct, relayed, strict=True)]
    more = [1e6 / after - 1e6 / before for before, after in zip(direct, relayed, strict=True)]
    return {
        "direct": statistics.median(direct),
        "relayed": statistics.median(relayed),
        "ratio": statistics.median(ratios),
        "least": min(ratios),
        "most": max(ratios),
        "microseconds": statistics.median(more),
    }


def main() -> None:
    """Measure, print, write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--megabytes", type=int, default=512)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--client", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
        return
    if options.client:
        port, kind, amount = options.client
        print(asyncio.run(client(int(port), kind, int(amount))))
        return
    found = measure(
        options.rounds, {**dict.fromkeys(KINDS, options.requests), "body": options.megabytes}
    )
    print(f"{'':6} {'direct':>9} {'relayed':>9} {'ratio':>6} {'range':>11} {'more':>12}")
    for kind, row in found.items():
        span = f"{row['least']:.2f}-{row['most']:.2f}"
        more = "" if kind == "body" else f"{row['microseconds']:.0f} us each"
        print(
            f"{kind:6} {row['direct']:9.0f} {row['relayed']:9.0f} {row['ratio']:6.2f} {span:>11}"
            f" {more:>12}"
        )
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
