"""Which network addresses careen connects to on behalf of an image, and which it never does.

An image's configuration names hosts, and whoever made the image may run their name servers. So a
name is resolved once, every address of the answer is judged, and the connection goes to the very
addresses that were judged. Nothing here opens a connection.
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
"""A resolver with the arguments and the answer of `socket.getaddrinfo`."""

_TRIE = Path("/proc/net/fib_trie")
_SIXES = Path("/proc/net/if_inet6")
_MAX_LINES = 8_000_000  # a full table of the internet's routes has about 3 million

# IANA's special-purpose registries (2025-10) and what clouds serve at a public address, beside
# what `ipaddress` knows: its list differs between the supported versions of Python.
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
_GLOBAL = IPv6Network("2000::/3")  # all that IANA has given out as global unicast
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
    """Hosts that the user named: (host, port), the host as `plain_host` has it, None for any
    port.
    """

    named: frozenset[tuple[str, int | None]] = frozenset()

    @classmethod
    def of(cls, addresses: Iterable[str]) -> "Permit":
        """Return the permit for URLs that the user wrote: each permits its host at its port."""
        found = (_host_and_port(address) for address in addresses)
        return cls(frozenset(each for each in found if each[0]))

    def allows(self, host: str, port: int) -> bool:
        """Say whether the user named this host at this port."""
        plain = plain_host(host)
        return (plain, port) in self.named or (plain, None) in self.named


@dataclass(frozen=True, slots=True)
class Resolved:
    """One address of a host that may be connected to, as `socket` takes it."""

    family: socket.AddressFamily
    address: str
    port: int


def refusal(address: str, own: Collection[IPAddress] = ()) -> str | None:
    """Say why `address` must not be connected to on behalf of an image, or None if it may.

    `own` are this machine's addresses. Addresses that carry an IPv4 address in them (mapped,
    compatible, translated, NAT64, 6to4, Teredo) are judged by that one too.
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
    """Say why a host must not be named to a proxy on behalf of an image, or None if it may.

    Only what the name itself shows counts: an address in any spelling, and `localhost`.
    """
    plain = plain_host(host)
    if plain in _LOCAL_NAMES or plain.endswith(".localhost"):
        return "means this machine"
    literal = _literal(plain)
    return refusal(literal) if literal else None


def own_addresses() -> frozenset[IPAddress]:
    """List the addresses of this machine's interfaces. Raises ToolError if they cannot be read."""
    try:
        return frozenset((*_own_fours(), *_own_sixes()))
    except (OSError, ValueError) as error:
        msg = f"reading this machine's own addresses from {_TRIE} and {_SIXES}: {error}"
        raise ToolError(msg) from error


def resolve(
    host: str,
    port: int,
    allowed: Permit,
    lookup: Lookup = socket.getaddrinfo,
) -> tuple[Resolved, ...]:
    """Resolve once, and return the addresses that may be connected to, in the resolver's order.

    Raises RefusedAddressError if any of them may not, OSError if nobody has the name.
    """
    named = allowed.allows(host, port)
    shows = refusal_of_name(host)
    if shows and not named:
        raise _refused(host, shows, "an image's own settings")
    found = lookup(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    answers = tuple(Resolved(item[0], str(item[4][0]), port) for item in found)
    if shows:  # the user wrote where it leads
        return answers
    own = frozenset() if named else own_addresses()
    for each in answers:
        if why := _only_near(each.address) if named else refusal(each.address, own):
            shown = host if host.strip("[]") == each.address else f"{host} ({each.address})"
            raise _refused(
                shown, why, "a name that is allowed" if named else "an image's own settings"
            )
    return answers


def _refused(shown: str, why: str, whose: str) -> RefusedAddressError:
    return RefusedAddressError(f"{shown} {why}: {whose} may not lead there")


def plain_host(host: str) -> str:
    """Return a host as it is compared: lower case, ASCII, without brackets, zone and last dot."""
    bare = host.strip("[]").partition("%")[0].lower().rstrip(".")
    try:
        return bare if bare.isascii() else bare.encode("idna").decode("ascii")
    except UnicodeError:
        return bare


def _only_near(address: str) -> str | None:
    """Judge an address of a name that the user permits: a private network is fine.

    Loopback and clouds' metadata must be named by their address.
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
    """Yield the IPv4 addresses in it; else itself; of a tunnel both."""
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
    """Return the address that a resolver reads a host as, "" for a name.

    Resolvers know old spellings: `127.1`, `0x7f000001`, `017700000001`.
    """
    try:
        return str(ip_address(host))
    except ValueError:
        pass
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


def _own_fours() -> Iterator[IPv4Address]:
    """Read the kernel's routes: one of ours is followed by `/32 host LOCAL`."""
    last = ""
    for line in _lines(_TRIE):
        words = line.split()
        if words[:1] == ["|--"]:
            last = words[1]
        elif words == ["/32", "host", "LOCAL"]:
            yield IPv4Address(last)


def _own_sixes() -> Iterator[IPv6Address]:
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
