"""Where the tests find the container's ports: through a relay that sees what they ask for, or
directly.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from careen.errors import ToolError
from careen.model.engine import Container
from careen.model.workload import Exchange, TestPlace, Workload
from careen.workload.ports import fixed_ports
from careen.workload.relay import Relay


@dataclass(slots=True)
class Seen:
    """What went through the relay; `connections` is None without one. Filled when it is closed."""

    exchanges: tuple[Exchange, ...] = ()
    connections: Mapping[int, int] | None = None


def direct(container: Container, ports: tuple[int, ...]) -> Mapping[int, int]:
    """The ports of 127.0.0.1 that lead to the container's, in their order, of those that are
    published.
    """
    found = ((port, container.host_port(port)) for port in ports)
    return {port: mapped for port, mapped in found if mapped is not None}


@contextmanager
def relayed(
    workload: Workload, straight: Mapping[int, int], seen: Seen, progress: Callable[[str], None]
) -> Iterator[Mapping[int, int]]:
    """Yield the ports that the tests are told, and note in `seen` what went there. A port of the
    host that the user chose (`-p 8080:80`) stays as it is: tests name it. Without tests on the host
    there is nobody to look at.
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
