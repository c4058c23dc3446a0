"""Programs of a workload that listen on reachable ports."""

import ipaddress
from collections.abc import Iterable

from careen.model.runs.trace import Endpoint

_INTERNET = frozenset({"inet", "inet6"})


class Listeners:
    """Bound internet sockets of one RBOM, except port 0 and loopback addresses."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._ports: dict[str, set[int]] = {}
        # For port 0 the kernel picks a port: clients and IPv6 probes do so. A loopback address is
        # reachable only from the container and what shares its network.
        for endpoint in endpoints:
            if is_reachable(endpoint):
                self._ports.setdefault(endpoint.executable, set()).add(endpoint.port)

    @property
    def ports(self) -> tuple[int, ...]:
        """All listening ports, sorted."""
        return tuple(sorted({port for ports in self._ports.values() for port in ports}))

    @property
    def has_unknown_program(self) -> bool:
        """Whether some port's program is unknown, as in an old RBOM."""
        return "" in self._ports

    def of(self, programs: Iterable[str]) -> tuple[int, ...]:
        """Return the ports on which any of these programs (paths) listens, sorted."""
        return tuple(
            sorted(
                {port for program in programs if program for port in self._ports.get(program, ())}
            )
        )


def is_reachable(endpoint: Endpoint) -> bool:
    """Return whether an endpoint is a bound internet socket that others can reach."""
    return (
        endpoint.direction == "bind"
        and endpoint.family in _INTERNET
        and bool(endpoint.port)
        and not _is_loopback(endpoint.address)
    )


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
