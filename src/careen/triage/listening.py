"""Which programs of a workload listen where others can reach them."""

import ipaddress
from collections.abc import Iterable

from careen.model.trace import Endpoint

_INTERNET = frozenset({"inet", "inet6"})


class Listeners:
    """The bound internet sockets of one RBOM.

    A port of 0 is passed over: the kernel then picks one, which is what clients do and what a probe
    for IPv6 does. So is a loopback address: only the container itself (and what shares its network)
    reaches it.
    """

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._ports: dict[str, set[int]] = {}
        for endpoint in endpoints:
            if (
                endpoint.direction == "bind"
                and endpoint.family in _INTERNET
                and endpoint.port
                and not _is_loopback(endpoint.address)
            ):
                self._ports.setdefault(endpoint.executable, set()).add(endpoint.port)

    @property
    def ports(self) -> tuple[int, ...]:
        """All ports, whoever listens on them, sorted."""
        return tuple(sorted({port for ports in self._ports.values() for port in ports}))

    @property
    def nameless(self) -> bool:
        """Some port's program is not known: the sensor did not say it (an old RBOM)."""
        return "" in self._ports

    def of(self, programs: Iterable[str]) -> tuple[int, ...]:
        """Return the ports on which any of these programs (paths) listens, sorted."""
        return tuple(
            sorted(
                {port for program in programs if program for port in self._ports.get(program, ())}
            )
        )


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
