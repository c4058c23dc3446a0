"""The ports that tests use: through a relay that sees their requests, or directly."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from careen.errors import ToolError
from careen.model.runs.engine import Container
from careen.model.runs.workload import Exchange, TestPlace, Workload
from careen.workload.ports import fixed_ports
from careen.workload.relay import Relay


@dataclass(slots=True)
class Seen:
    """What went through the relay, set when it closes; `connections` is None without a relay."""

    exchanges: tuple[Exchange, ...] = ()
    connections: Mapping[int, int] | None = None


def direct(container: Container, ports: tuple[int, ...]) -> Mapping[int, int]:
    """Return the ports of 127.0.0.1 for the container's published ports, in order."""
    found = ((port, container.host_port(port)) for port in ports)
    return {port: mapped for port, mapped in found if mapped is not None}


@contextmanager
def relayed(
    workload: Workload, straight: Mapping[int, int], seen: Seen, progress: Callable[[str], None]
) -> Iterator[Mapping[int, int]]:
    """Yield the ports that tests use, and note in `seen` what went through the relay.

    Ports that the user chose (`-p 8080:80`) are not relayed, since tests name them. Without tests
    on the host there is no relay.
    """
    targets = {
        port: mapped for port, mapped in straight.items() if port not in fixed_ports(workload.run)
    }
    if not targets or not any(test.place is TestPlace.HOST for test in workload.tests):
        yield straight
        return
    with contextlib.ExitStack() as stack:
        try:
            relay = stack.enter_context(Relay(targets))
        except ToolError as error:
            progress(f"workload {workload.name}: the tests' requests are not seen: {error}")
            yield straight
            return
        try:
            yield {**straight, **relay.ports}
        finally:
            relay.close()
            seen.exchanges, seen.connections = relay.exchanges, relay.connections
