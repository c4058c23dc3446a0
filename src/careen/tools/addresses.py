"""Rules for the network addresses that careen connects to on behalf of an image.

An image's configuration names hosts, and the image's author may run their name servers (DNS
rebinding). So a name is resolved once, every returned address is checked, and the connection uses
exactly the checked addresses. This module opens no connections.
"""

import socket
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from careen.errors import ToolError

IPAddress = IPv4Address | IPv6Address
Lookup = Callable[..., list[Any]]
"""A resolver with the arguments and the result of `socket.getaddrinfo`."""

_TRIE = Path("/proc/net/fib_trie")
_SIXES = Path("/proc/net/if_inet6")
_MAX_LINES = 8_000_000  # a full table of the internet's routes has about 3 million

# IANA's special-purpose registries (2025-10) and public addresses of cloud services.
# `ipaddress` is not enough: its list differs between the supported Python versions.
_V4 = {
    IPv4Network("0.0.0.0/8"): "means this machine",
    IPv4Network("10.0.0.0/8"): "is in a private network",
    IPv4Network("100.64.0.0/10"): "is in a carrier's own network",
    IPv4Network("127.0.0.0/8"): "is this machine's loopback",
    IPv4Network("168.63.129.16/32"): "is a cloud's own service",
    IPv4Network("169.254.0.0/16"): "is link-local, where clouds serve their metadata",
    IPv4Network("172.16.0.0/12"): "is in a private network",
    IPv4Network("192.0.0.0/24"): "is reserved for protocols",
    IPv4Network("192.88.99.0/24"): "is a relay of 6to4",
    IPv4Network("192.168.0.0/16"): "is in a private network",
    IPv4Network("198.18.0.0/15"): "is reserved for benchmarks",
    IPv4Network("224.0.0.0/4"): "is a multicast address",
    IPv4Network("240.0.0.0/4"): "is reserved",
}
_V6 = {
    IPv6Network("::/128"): "means this machine",
    IPv6Network("::1/128"): "is this machine's loopback",
    IPv6Network("fc00::/7"): "is in a private network",
    IPv6Network("fe80::/10"): "is link-local",
    IPv6Network("fec0::/10"): "is site-local",
    IPv6Network("ff00::/8"): "is a multicast address",
    IPv6Network("2001::/23"): "is reserved for protocols",
    IPv6Network("2001:db8::/32"): "is reserved for documentation",
    IPv6Network("2002::/16"): "is a 6to4 tunnel",
    IPv6Network("3fff::/20"): "is reserved for documentation",
}
_LOCAL_NAMES = ("localhost", "localhost.localdomain")
_GLOBAL = IPv6Network("2000::/3")  # everything IANA has allocated as global unicast
_CARRIES_V4 = (
    IPv6Network("::/96"),  # IPv4-compatible
    IPv6Network("::ffff:0:0/96"),  # IPv4-mapped
    IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated (SIIT)
    IPv6Network("64:ff9b::/96"),  # NAT64
)


class RefusedAddressError(ToolError):
    """A host that must not be connected to on behalf of an image."""


@dataclass(frozen=True, slots=True)
class Permit:
    """The hosts that the user named, as pairs of host and port.

    The host is normalized by `plain_host`; a port of None permits any port.
    """

    named: frozenset[tuple[str, int | None]] = frozenset()

    @classmethod
    def of(cls, addresses: Iterable[str]) -> "Permit":
        """Return the permit for URLs that the user wrote; each permits its host at its port."""
        found = (_host_and_port(address) for address in addresses)
        return cls(frozenset(each for each in found if each[0]))

    def allows(self, host: str, port: int) -> bool:
        """Return whether the user named this host at this port."""
        plain = plain_host(host)
        return (plain, port) in self.named or (plain, None) in self.named


@dataclass(frozen=True, slots=True)
class Resolved:
    """One address of a host that may be connected to, in the form that `socket` takes."""

    family: socket.AddressFamily
    address: str
    port: int


def refusal(address: str, own: Collection[IPAddress] = ()) -> str | None:
    """Return why an image must not make careen connect to `address`, or None if it may.

    `own` are this machine's addresses. IPv6 addresses that embed an IPv4 address (mapped,
    compatible, translated, NAT64, 6to4, Teredo) are checked by that address, too.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return "is not an IP address"
    own = {_without_zone(each) for each in own}
    for each in _carried(found):
        if why := _special(each):
            return why
        if each in own:
            return "is an address of this machine"
    return None


def refusal_of_name(host: str) -> str | None:
    """Return why an image must not have `host` named to a proxy, or None if it may.

    Only the name itself is checked: an IP address in any spelling, and `localhost`.
    """
    plain = plain_host(host)
    if plain in _LOCAL_NAMES or plain.endswith(".localhost"):
        return "means this machine"
    literal = _literal(plain)
    return refusal(literal) if literal else None


def own_addresses() -> frozenset[IPAddress]:
    """Return the addresses of this machine's interfaces; raise ToolError if they are unreadable."""
    try:
        return frozenset((*_own_ipv4_addresses(), *_own_ipv6_addresses()))
    except (OSError, ValueError) as error:
        msg = f"reading this machine's own addresses from {_TRIE} and {_SIXES}: {error}"
        raise ToolError(msg) from error


def resolve(
    host: str,
    port: int,
    allowed: Permit,
    lookup: Lookup = socket.getaddrinfo,
) -> tuple[Resolved, ...]:
    """Resolve once and return the permitted addresses in the resolver's order.

    Raises RefusedAddressError if any address is refused, OSError if the name does not resolve.
    """
    named = allowed.allows(host, port)
    shows = refusal_of_name(host)
    if shows and not named:
        raise _refused(host, shows, "an image's own settings")
    found = lookup(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    answers = tuple(Resolved(item[0], str(item[4][0]), port) for item in found)
    if shows:  # the user wrote the address itself
        return answers
    own = frozenset() if named else own_addresses()
    for each in answers:
        if why := _refusal_of_permitted(each.address) if named else refusal(each.address, own):
            shown = host if host.strip("[]") == each.address else f"{host} ({each.address})"
            raise _refused(
                shown, why, "a name that is allowed" if named else "an image's own settings"
            )
    return answers


def _refused(shown: str, why: str, whose: str) -> RefusedAddressError:
    return RefusedAddressError(f"{shown} {why}: {whose} may not lead there")


def plain_host(host: str) -> str:
    """Return a host normalized: lower case, ASCII (IDNA), no brackets, zone or trailing dot."""
    bare = host.strip("[]").partition("%")[0].lower().rstrip(".")
    try:
        return bare if bare.isascii() else bare.encode("idna").decode("ascii")
    except UnicodeError:
        return bare


def _refusal_of_permitted(address: str) -> str | None:
    """Return why an address of a permitted name is refused, or None if it may be used.

    Private networks are allowed. Loopback, link-local (cloud metadata), unspecified and multicast
    addresses are not: the user must name those by address.
    """
    found = ip_address(address.partition("%")[0])
    for each in _carried(found):
        if each.is_loopback or each.is_link_local or each.is_unspecified or each.is_multicast:
            return _special(each)
    return None


def _special(address: IPAddress) -> str | None:
    table: Iterable[tuple[IPv4Network | IPv6Network, str]]
    table = _V4.items() if isinstance(address, IPv4Address) else _V6.items()
    for network, why in table:
        if address in network:
            return why
    if isinstance(address, IPv6Address):
        return None if address in _GLOBAL else "is in no network that is given out"
    return None if address.is_global else "is in no global network"


def _carried(address: IPAddress) -> Iterator[IPAddress]:
    """Yield the IPv4 address that an address embeds, else the address; for tunnels both."""
    if isinstance(address, IPv4Address):
        yield address
        return
    bare = _without_zone(address)
    number = int(bare)
    if number > 1 and any(bare in network for network in _CARRIES_V4):
        yield IPv4Address(number & 0xFFFFFFFF)
        return
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    yield bare


def _without_zone(address: IPAddress) -> IPAddress:
    return IPv6Address(int(address)) if isinstance(address, IPv6Address) else address


def _literal(host: str) -> str:
    """Return the IP address that a resolver reads `host` as, or "" for a name."""
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    # Resolvers accept old spellings: `127.1`, `0x7f000001`, `017700000001`.
    try:
        return socket.inet_ntoa(socket.inet_aton(host)) if host and " " not in host else ""
    except OSError:
        return ""


def _host_and_port(address: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "", None
    return plain_host(host), port or {"http": 80, "https": 443}.get(parts.scheme)


def _own_ipv4_addresses() -> Iterator[IPv4Address]:
    """Yield this machine's IPv4 addresses from the kernel's routing trie."""
    last = ""  # an address of this machine is followed by a line `/32 host LOCAL`
    for line in _lines(_TRIE):
        words = line.split()
        if words[:1] == ["|--"]:
            last = words[1]
        elif words == ["/32", "host", "LOCAL"]:
            yield IPv4Address(last)


def _own_ipv6_addresses() -> Iterator[IPv6Address]:
    if _SIXES.exists():  # a kernel without IPv6 has none
        for line in _lines(_SIXES):
            yield IPv6Address(int(line.split()[0], 16))


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="ascii") as stream:
        for number, line in enumerate(stream):
            if number >= _MAX_LINES:
                msg = f"more than {_MAX_LINES} lines"
                raise ValueError(msg)
            yield line
