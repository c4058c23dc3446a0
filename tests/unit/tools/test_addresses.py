"""Which addresses careen may connect to for an image. Every address here is judged; none is ever
connected to.
"""

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import pytest

from careen.tools.addresses import (
    Permit,
    RefusedAddressError,
    Resolved,
    own_addresses,
    plain_host,
    refusal,
    refusal_of_name,
    resolve,
)

_REFUSED = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1
127.0.0.53 127.255.255.254 168.63.129.16 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1
172.17.0.1 172.31.255.255 192.0.0.8 192.0.0.170 192.0.0.192 192.0.2.77 192.88.99.1 192.168.0.1
192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.5 224.0.0.1 233.252.0.1
239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::1%lo fc00::1 fd00:ec2::254 fd12:3456:789a::1 fe80::1 fe80::1%eth0 fe80::a9fe:a9fe fec0::1
ff02::1 ff0e::1 100::1 100:0:0:1::1 2001:2::1 2001:10::1 2001:db8::1 3fff::1 5f00::1 4000::1 e000::1
::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:169.254.169.254 ::ffff:10.0.0.1 ::ffff:0.0.0.0 ::ffff:127.0.0.1%lo
::127.0.0.1 ::169.254.169.254 ::10.0.0.1 ::ffff:0:127.0.0.1 ::ffff:0:169.254.169.254
64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::10.0.0.1 64:ff9b:1::1 64:ff9b:1::808:808
2002:7f00:1:: 2002:a9fe:a9fe::1 2002:a00:1::1 2002:808:808::1
2001:0:7f00:1:0:ffff:f7f7:f7f7 2001:0:808:808:0:ffff:80ff:fffe 2001::1
"""

_ALLOWED = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1
151.101.0.223 168.63.129.15 169.253.255.255 169.255.0.1 172.15.255.255 172.32.0.1 192.167.255.255
192.169.0.1 198.17.255.255 198.20.0.1 223.255.255.255
2606:4700::6810:1 2a04:4e42::223 2001:4860:4860::8888 2400::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8
::8.8.8.8
"""

_LOOPBACK = """
127.0.0.1 127.1 0x7f000001 0x7f.1 2130706433 017700000001 0177.0.0.1 0 ::1 localhost
"""

_NEAR = """
LOCALHOST localhost. x.localhost [::1] 169.254.169.254 [::ffff:a9fe:a9fe] [::ffff:127.0.0.1]
0xa9fea9fe 2852039166 10.1 fe80::1%eth0 [fd00:ec2::254] 127.0.0.1. \uff11\uff12\uff17.0.0.1
"""

NO_ADDRESS = [
    "",
    "localhost",
    "127.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "127.0.0.1.",
    "1.1.1.1/32",
]


@pytest.mark.parametrize("address", _REFUSED.split())
def test_what_is_not_global_is_refused(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize("address", _ALLOWED.split())
def test_what_is_global_may_be_connected_to(address: str) -> None:
    assert refusal(address) is None


@pytest.mark.parametrize("address", NO_ADDRESS)
def test_what_is_no_plain_address_is_refused(address: str) -> None:
    assert refusal(address) == "is not an IP address"


def test_the_own_addresses_are_refused_in_every_form() -> None:
    own: set[IPv4Address | IPv6Address] = {
        IPv4Address("8.8.4.4"),
        IPv6Address("2606:4700::1"),
        IPv6Address("fe80::1%eth0"),
    }
    for address in ("8.8.4.4", "::ffff:8.8.4.4", "64:ff9b::8.8.4.4", "2606:4700::1"):
        assert refusal(address, own) == "is an address of this machine"
        assert refusal(address) is None


def test_the_own_addresses_are_those_of_the_interfaces() -> None:
    found = own_addresses()
    assert IPv4Address("127.0.0.1") in found
    for address in found:
        if address.version == 4:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
                own.bind((str(address), 0))  # sends nothing; refused unless the address is ours


def answering(*addresses: str) -> Callable[..., list[Any]]:
    def lookup(host: str, port: int, **_: object) -> list[Any]:
        out = []
        for text in addresses:
            six = ip_address(text.partition("%")[0]).version == 6
            family = socket.AF_INET6 if six else socket.AF_INET
            out.append(
                (family, socket.SOCK_STREAM, 6, "", (text, port, 0, 0) if six else (text, port))
            )
        return out

    return lookup


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("8.8.8.8", "127.0.0.1"),
        ("2606:4700::1", "::ffff:10.0.0.1"),
        ("fe80::1%eth0",),
    ],
)
def test_one_bad_address_of_a_name_refuses_the_name(addresses: tuple[str, ...]) -> None:
    with pytest.raises(RefusedAddressError, match=r"index\.example \("):
        resolve("index.example", 443, Permit(), answering(*addresses))


def test_a_name_is_resolved_once_and_in_order() -> None:
    asked = []

    def lookup(host: str, port: int, **words: object) -> list[Any]:
        asked.append((host, port))
        return answering("2606:4700::1", "8.8.8.8")(host, port, **words)

    found = resolve("index.example", 443, Permit(), lookup)
    assert found == (
        Resolved(socket.AF_INET6, "2606:4700::1", 443),
        Resolved(socket.AF_INET, "8.8.8.8", 443),
    )
    assert asked == [("index.example", 443)]


@pytest.mark.parametrize(
    "host",
    _LOOPBACK.split(),
)
def test_every_spelling_of_loopback_is_refused_by_what_it_resolves_to(host: str) -> None:
    with pytest.raises(RefusedAddressError):
        resolve(host, 80, Permit())
    assert refusal_of_name(host)


@pytest.mark.parametrize("host", (_LOOPBACK + _NEAR).split())
def test_what_shows_itself_to_be_near_is_not_even_looked_up(host: str) -> None:
    def lookup(*_: object, **__: object) -> list[Any]:
        pytest.fail("looked up")

    with pytest.raises(RefusedAddressError):
        resolve(plain_host(host), 80, Permit(), lookup)


@pytest.mark.parametrize("host", _NEAR.split())
def test_a_proxy_is_not_asked_for_what_shows_itself_to_be_near(host: str) -> None:
    assert refusal_of_name(host)


@pytest.mark.parametrize(
    "host", ["index.example", "8.8.8.8", "[2606:4700::1]", "localhost.example", "127.0.0.1.example"]
)
def test_a_proxy_is_asked_for_every_other_name(host: str) -> None:
    assert refusal_of_name(host) is None


def test_the_users_word_permits_one_host_at_one_port() -> None:
    permit = Permit.of(
        ["https://u:p@Index.Corp.example./simple", "http://127.0.0.1:8080/", "http://[::1]:81"]
    )
    assert permit.allows("index.corp.example", 443)
    assert permit.allows("INDEX.corp.example.", 443)
    assert permit.allows("127.0.0.1", 8080)
    assert permit.allows("::1", 81)
    for host, port in [
        ("index.corp.example", 80),
        ("127.0.0.1", 8081),
        ("localhost", 8080),
        ("evil.corp.example", 443),
    ]:
        assert not permit.allows(host, port)


def test_a_permitted_name_may_be_in_a_private_network_and_not_on_loopback() -> None:
    permit = Permit.of(["https://index.corp.example"])
    assert resolve("index.corp.example", 443, permit, answering("10.1.2.3", "fd12::1"))
    for address in (
        "127.0.0.1",
        "::1",
        "169.254.169.254",
        "::ffff:127.0.0.1",
        "0.0.0.0",
        "fe80::1%eth0",
    ):
        with pytest.raises(RefusedAddressError):
            resolve("index.corp.example", 443, permit, answering(address))
    with pytest.raises(RefusedAddressError):
        resolve("other.corp.example", 443, permit, answering("10.1.2.3"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.1"])
def test_loopback_is_permitted_where_the_user_names_it_so(host: str) -> None:
    permit = Permit.of([f"http://{host}:8080/simple"])
    assert resolve(plain_host(host), 8080, permit)
    with pytest.raises(RefusedAddressError):
        resolve(plain_host(host), 8081, permit)


def test_words_that_are_no_address_permit_nothing() -> None:
    assert (
        Permit.of(["", "not a url", "http://[::1", "http://h:99999/", "/var/wheels"]).named
        == frozenset()
    )


@pytest.mark.parametrize(
    ("host", "plain"),
    [
        ("Example.ORG.", "example.org"),
        ("[::1]", "::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_hosts_are_compared_in_one_form(host: str, plain: str) -> None:
    assert plain_host(host) == plain
