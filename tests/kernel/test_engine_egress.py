"""The egress proxy between two network namespaces that the tests make: its bounds, and how it
ends.
"""

import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from careen.engines.network.egress import ADDRESS, ByteBudget, EgressLimits, EgressProxy
from careen.engines.network.egress_route import EgressPolicy, upstream_of
from careen.engines.network.namespace import Network
from careen.tools.addresses import Permit, Resolved
from tests.support.own_network import ask, inside, own_network, read_all

pytestmark = pytest.mark.root

PAGE = b"a package list\n" * 100


class _Server(http.server.ThreadingHTTPServer):
    """Remembers each request's line and headers."""

    def __init__(self, handler: "type[_Mirror]") -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.seen: list[tuple[str, dict[str, str]]] = []


class _Mirror(http.server.BaseHTTPRequestHandler):
    """Answers every path."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self.server.seen.append((self.requestline, dict(self.headers)))
        self.send_response(200)
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@contextmanager
def mirror(handler: type[_Mirror] = _Mirror) -> Iterator[_Server]:
    """Serve on this machine's loopback, where nothing of a container's may come without a name."""
    with _Server(handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@contextmanager
def proxy(
    policy: EgressPolicy | None = None,
    limits: EgressLimits | None = None,
    budget: ByteBudget | None = None,
) -> Iterator[Network]:
    """Hold a namespace with the proxy in it."""
    with own_network() as network:
        made = EgressProxy(network, policy or EgressPolicy(), budget or ByteBudget(), limits)
        try:
            yield network
        finally:
            made.close()


def named(port: int) -> EgressPolicy:
    return EgressPolicy(Permit.of([f"http://127.0.0.1:{port}/"]))


def asked(network: Network, data: bytes) -> bytes:
    return inside(network, lambda: ask(ADDRESS, data))


def get(port: int) -> bytes:
    return (
        f"GET http://127.0.0.1:{port}/dists HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent:"
        " test\r\n\r\n".encode()
    )


def connect(port: int) -> bytes:
    return f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def held(network: Network, data: bytes = b"") -> socket.socket:
    """Open a connection to the proxy and keep it."""

    def work() -> socket.socket:
        link = socket.create_connection(ADDRESS, timeout=20)
        link.sendall(data)
        return link

    return inside(network, work)


def test_what_the_user_names_is_reached_plain_and_through_a_tunnel() -> None:
    with mirror() as there, proxy(named(there.server_port)) as network:
        plain = asked(network, get(there.server_port))
        assert plain.startswith(b"HTTP/1.1 200 ")
        assert plain.endswith(PAGE)
        line, headers = there.seen[0]
        assert line == "GET /dists HTTP/1.1"
        assert (headers["Host"], headers["Connection"], headers["user-agent"]) == (
            f"127.0.0.1:{there.server_port}",
            "close",
            "test",
        )
        link = held(network, connect(there.server_port))
        with link:
            assert link.recv(4096) == b"HTTP/1.1 200 Connection established\r\n\r\n"
            link.sendall(b"GET /inside HTTP/1.0\r\n\r\n")
            assert read_all(link).endswith(PAGE)


def test_where_one_address_does_not_answer_the_next_one_is_tried() -> None:
    def two(host: str, port: int, permit: Permit) -> tuple[Resolved, ...]:
        return tuple(
            Resolved(socket.AF_INET, address, port) for address in ("127.0.0.2", "127.0.0.1")
        )

    with (
        mirror() as there,
        proxy(EgressPolicy(named(there.server_port).permit, resolve=two)) as network,
    ):
        assert asked(network, get(there.server_port)).endswith(PAGE)
    with (
        mirror() as there,
        proxy(
            EgressPolicy(named(there.server_port).permit, resolve=lambda *_: two(*_)[:1])
        ) as network,
    ):
        assert asked(network, get(there.server_port)).startswith(
            b"HTTP/1.1 502 careen: 127.0.0.2: "
        )


def test_nothing_else_is_reached_and_the_answer_says_why() -> None:
    with mirror() as there, proxy() as network:
        for data in (get(there.server_port), connect(there.server_port)):
            answer = asked(network, data)
            assert answer.startswith(b"HTTP/1.1 403 careen: port ")
            assert (
                b"only a source that you name (--source, --index-url, --allow-host) may be there"
                in answer
            )
        answer = asked(network, b"CONNECT 127.0.0.1:443 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 403 careen: 127.0.0.1 is this machine's loopback")
        assert there.seen == []


def test_a_second_request_behind_the_first_goes_nowhere() -> None:
    with mirror() as there, proxy(named(there.server_port)) as network:
        answer = asked(
            network, get(there.server_port) + b"GET /admin HTTP/1.1\r\nHost: admin.example\r\n\r\n"
        )
        assert answer.count(b"HTTP/1.1 200 ") == 1
        time.sleep(0.2)
        assert [line for line, _ in there.seen] == ["GET /dists HTTP/1.1"]


def test_who_sends_slowly_or_nothing_is_cut_off() -> None:
    head = b"GET http://mirror.example/ HTTP/1.1\r\n" + b"X: y\r\n" * 1000

    def drip() -> int:
        with socket.create_connection(ADDRESS, timeout=20) as link:
            for sent, byte in enumerate(head):
                try:
                    link.sendall(bytes([byte]))
                except OSError:
                    return sent
                time.sleep(0.02)
            return len(head)

    with proxy(limits=EgressLimits(head=0.5)) as network:
        assert inside(network, drip) < len(head)
        with held(network) as link:
            assert link.recv(4096).startswith(b"HTTP/1.1 408 ")


def test_a_head_that_is_too_long_is_refused() -> None:
    with proxy() as network:
        assert asked(
            network, b"GET http://mirror.example/ HTTP/1.1\r\nX: " + b"x" * 16500
        ).startswith(b"HTTP/1.1 431 ")


def test_connections_have_a_number_and_ended_ones_do_not_count() -> None:
    with mirror() as there, proxy(named(there.server_port), EgressLimits(connections=3)) as network:
        links = [held(network, connect(there.server_port)) for _ in range(3)]
        for link in links:
            assert link.recv(4096).startswith(b"HTTP/1.1 200")
        with held(network) as fourth, suppress(ConnectionResetError):
            assert fourth.recv(1) == b""
        for link in links:
            link.close()
        until(lambda: asked_or_nothing(network, get(there.server_port)).endswith(PAGE))


def asked_or_nothing(network: Network, data: bytes) -> bytes:
    try:
        return asked(network, data)
    except OSError:
        return b""


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not what():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)


def open_files() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


@pytest.mark.parametrize("limits", [EgressLimits(idle=0.3), EgressLimits(total=0.3)])
def test_a_tunnel_in_which_nothing_moves_ends_and_one_that_is_too_long_too(
    limits: EgressLimits,
) -> None:
    with (
        mirror() as there,
        proxy(named(there.server_port), limits) as network,
        held(network, connect(there.server_port)) as link,
    ):
        assert link.recv(4096).startswith(b"HTTP/1.1 200")
        with suppress(ConnectionResetError):
            assert link.recv(1) == b""


def test_bytes_have_a_budget_over_all_connections() -> None:
    budget = ByteBudget(2 * len(PAGE))
    with mirror() as there, proxy(named(there.server_port), budget=budget) as network:
        assert asked(network, get(there.server_port)).endswith(PAGE)
        with suppress(ConnectionResetError):
            assert not asked(network, get(there.server_port)).endswith(PAGE)
        assert asked(network, get(there.server_port)).startswith(
            b"HTTP/1.1 507 careen: the 3000 bytes of a run are used up"
        )


def test_it_ends_with_its_connections_its_thread_and_its_files() -> None:
    before = open_files()
    with mirror() as there:
        with own_network() as network:
            made = EgressProxy(network, named(there.server_port), ByteBudget())
            link = held(network, connect(there.server_port))
            assert link.recv(4096).startswith(b"HTTP/1.1 200")
            made.close()
            made.close()
            with link, suppress(ConnectionResetError):
                assert link.recv(1) == b""
            with pytest.raises(ConnectionRefusedError):
                held(network)
        # A thread that resolves names ends a moment after the pool was told to.
        until(lambda: not any(each.name.startswith("egress") for each in threading.enumerate()))
    until(lambda: open_files() <= before)


class _Upstream(_Mirror):
    """A proxy of the user's, which asks for a password."""

    def do_CONNECT(self) -> None:
        self.server.seen.append((self.requestline, dict(self.headers)))
        self.send_response(
            200 if self.headers.get("Proxy-Authorization") == "Basic bWU6d29yZA==" else 407
        )
        self.end_headers()
        self.wfile.write(b"through")
        self.close_connection = True


def test_a_machine_behind_a_proxy_goes_through_it_with_its_password() -> None:
    with mirror(_Upstream) as server:

        def nobody(host: str, port: int, permit: Permit) -> Any:
            raise OSError

        for word, expected in (
            ("word", b"through"),
            ("wrong", b"HTTP/1.1 502 careen: this machine's proxy 127.0.0.1"),
        ):
            upstream = upstream_of(f"http://me:{word}@127.0.0.1:{server.server_port}")
            policy = EgressPolicy(upstreams={"http": upstream, "https": upstream}, resolve=nobody)
            with proxy(policy) as network:
                answer = asked(
                    network,
                    b"CONNECT index.example:443 HTTP/1.1\r\nHost: index.example:443\r\n\r\n",
                )
                assert answer.removeprefix(
                    b"HTTP/1.1 200 Connection established\r\n\r\n"
                ).startswith(expected)
                assert asked(
                    network, b"GET http://mirror.example/a HTTP/1.1\r\nHost: mirror.example\r\n\r\n"
                ).endswith(PAGE)
                assert asked(
                    network, b"CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\n\r\n"
                ).startswith(b"HTTP/1.1 403 ")
        lines = [line for line, _ in server.seen]
        assert (
            lines
            == [
                "CONNECT index.example:443 HTTP/1.1",
                "GET http://mirror.example/a HTTP/1.1",
            ]
            * 2
        )
