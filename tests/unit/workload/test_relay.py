"""The relay between tests and service: it carries bytes as they are, and tells which requests went
by.
"""

import contextlib
import http.client
import http.server
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careen.model.runs.workload import Exchange
from careen.workload.http_watch import MAX_HEAD, MAX_PENDING, HttpConnectionParser
from careen.workload.ledger import DISTINCT, FIRST, ExchangeLog
from careen.workload.relay import Relay
from tests.support.tcp_service import echo, read_all, serving

pytestmark = pytest.mark.slow

# --- what it reads


def watched(*pieces: tuple[str, bytes]) -> list[tuple[str, str, int | None]]:
    """Feed pieces (`>` to the service, `<` from it) and return what was recorded, the end of the
    connection included.
    """
    seen: list[Exchange] = []
    talk = HttpConnectionParser(8080, seen.append)
    for at, (direction, data) in enumerate(pieces):
        (talk.sent if direction == ">" else talk.answered)(memoryview(data), float(at))
    talk.ended(float(len(pieces)))
    return [(exchange.method, exchange.path, exchange.status) for exchange in seen]


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"


HTTP = b"HTTP/1.1 "
EMPTY = b" X\r\nContent-Length: 0\r\n\r\n"
POST = b"POST /p HTTP/1.1\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
CASES: dict[str, tuple[list[tuple[str, bytes]], list[tuple[str, str, int | None]]]] = {
    "keep-alive": (
        [(">", GET), ("<", OK), (">", b"GET /b?q=1#x HTTP/1.1\r\n\r\n"), ("<", OK)],
        [("GET", "/a", 200), ("GET", "/b", 200)],
    ),
    "pipelined": (
        [(">", GET + b"\r\nDELETE /b HTTP/1.0\r\n\r\n" + GET), ("<", OK + HTTP + b"404" + EMPTY)],
        [("GET", "/a", 200), ("DELETE", "/b", 404), ("GET", "/a", None)],
    ),
    "length": (
        [(">", POST + b"content-length:3\r\n\r\nGET" + GET), ("<", OK + OK)],
        [("POST", "/p", 200), ("GET", "/a", 200)],
    ),
    "chunks": (
        [
            (">", POST + CHUNKED + b"3;x=y\r\nGET\r\n"),
            (">", b"0\r\nTrailer: GET / HTTP/1.1\r\n\r\n" + GET),
            ("<", OK + OK),
        ],
        [("POST", "/p", 200), ("GET", "/a", 200)],
    ),
    "chunked answer": (
        [
            (">", GET + GET),
            (
                "<",
                HTTP
                + b"200 OK\r\ntransfer-encoding: gzip, Chunked\r\n\r\n5\r\nHTTP/\r\n0\r\n\r\n"
                + HTTP
                + b"500"
                + EMPTY,
            ),
        ],
        [("GET", "/a", 200), ("GET", "/a", 500)],
    ),
    "until the end": (
        [(">", GET + GET), ("<", HTTP + b"500 Oh\r\n\r\nuntil the end" + OK)],
        [("GET", "/a", 500), ("GET", "/a", None)],
    ),
    "HEAD": (
        [
            (">", b"HEAD /h HTTP/1.1\r\n\r\n" + GET),
            ("<", HTTP + b"200 OK\r\nContent-Length: 999\r\n\r\n" + OK),
        ],
        [("HEAD", "/h", 200), ("GET", "/a", 200)],
    ),
    "no body": (
        [
            (">", GET + GET),
            ("<", HTTP + b"304 Same\r\nContent-Length: 9\r\n\r\n" + HTTP + b"204 No\r\n\r\n"),
        ],
        [("GET", "/a", 304), ("GET", "/a", 204)],
    ),
    "continue": (
        [
            (">", POST + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"),
            ("<", HTTP + b"100 Go\r\n\r\n"),
            (">", b"hello" + GET),
            ("<", OK + OK),
        ],
        [("POST", "/p", 200), ("GET", "/a", 200)],
    ),
    "refused body": (
        [
            (">", POST + b"Content-Length: 50\r\nExpect: 100-continue\r\n\r\n"),
            ("<", HTTP + b"413" + EMPTY),
            (">", GET),
            ("<", OK),
        ],
        [("POST", "/p", 413), ("GET", "/a", 200)],
    ),
    "early hints": (
        [(">", GET), ("<", HTTP + b"103 Early\r\nLink: x\r\n\r\n" + OK)],
        [("GET", "/a", 200)],
    ),
    "websocket": (
        [
            (">", b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"),
            ("<", HTTP + b"101 Switching\r\n\r\n\x81\x05HTTP/"),
            (">", GET),
            ("<", OK),
        ],
        [("GET", "/ws", 101)],
    ),
    "tunnel": (
        [
            (">", b"CONNECT x:443 HTTP/1.1\r\n\r\n"),
            ("<", HTTP + b"200 OK\r\n\r\n"),
            (">", GET),
            ("<", OK),
        ],
        [("CONNECT", "x:443", 200)],
    ),
    "targets": (
        [
            (">", b"GET http://127.0.0.1:80/abs?x HTTP/1.1\r\n\r\n"),
            (">", b"OPTIONS * HTTP/1.1\r\n\r\n"),
            ("<", OK + OK),
        ],
        [("GET", "/abs", 200), ("OPTIONS", "*", 200)],
    ),
    "no answer": ([(">", GET)], [("GET", "/a", None)]),
    "another protocol": ([(">", GET), ("<", b"SSH-2.0-OpenSSH_9\r\n\r\n")], [("GET", "/a", None)]),
    "HTTP/2": ([(">", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + GET), ("<", OK)], []),
    "TLS": ([(">", b"\x16\x03\x01\x02\x00" + GET), ("<", b"\x16\x03\x03" + OK)], []),
    "half a head": ([(">", b"GET /half HTTP/1.1\r\nHost")], []),
    "malformed": (
        [(">", b"GET /a b HTTP/1.1\r\n\r\n" + GET), ("<", HTTP + b"400 Bad\r\n\r\n")],
        [],
    ),
    "two lengths": (
        [(">", POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcGET"), ("<", OK)],
        [("POST", "/p", 200)],
    ),
    "unasked": ([("<", HTTP + b"408" + EMPTY), (">", GET)], [("GET", "/a", None)]),
}


@pytest.mark.parametrize(("pieces", "expected"), list(CASES.values()), ids=list(CASES))
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_requests_and_their_answers(
    pieces: list[tuple[str, bytes]], expected: list[tuple[str, str, int | None]], size: int
) -> None:
    """However the bytes are cut."""
    cut = [
        (direction, data[at : at + size])
        for direction, data in pieces
        for at in range(0, len(data), size)
    ]
    assert watched(*cut) == expected


def test_an_answer_takes_until_its_last_byte() -> None:
    seen: list[Exchange] = []
    talk = HttpConnectionParser(80, seen.append)
    talk.sent(memoryview(GET), 1.0)
    talk.answered(memoryview(OK[:-1]), 2.0)
    assert not seen
    talk.answered(memoryview(OK[-1:]), 3.5)
    assert seen == [Exchange(80, "GET", "/a", 200, 1.0, 2.5)]


@given(
    st.lists(
        st.tuples(
            st.sampled_from("<>"),
            st.one_of(
                st.binary(max_size=60),
                st.sampled_from([GET, OK, b"\r\n", b"0\r\n", b"HTTP/1.1 200 \r\n\r\n"]),
            ),
        ),
        max_size=12,
    )
)
@settings(max_examples=300, deadline=None)
def test_no_bytes_upset_it(pieces: list[tuple[str, bytes]]) -> None:
    assert len(watched(*pieces)) <= sum(data.count(b"/1.") for _, data in pieces) + 1


@pytest.mark.timeout(120)
def test_hostile_streams_cost_little() -> None:
    assert watched(*[(">", b"A" * 1000)] * 2000) == []
    assert len(watched((">", GET * 50_000))) == MAX_PENDING
    drip = [(">", b"GET /x HTTP/1.1\r\nX: "), *[(">", b"y")] * (MAX_HEAD + 10), (">", b"\r\n\r\n")]
    assert watched(*drip) == []
    assert watched(
        (">", b"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 100_000),
        ("<", OK),
    ) == [("POST", "/c", 200)]
    assert watched((">", b"\r\n" * 500_000 + GET), ("<", OK)) == [("GET", "/a", 200)]


def test_a_ledger_is_bounded_and_keeps_what_is_new() -> None:
    ledger = ExchangeLog()
    for i in range(FIRST + 50):
        ledger.record(Exchange(80, "GET", "/same", 200, float(i), 0.1))
    ledger.record(Exchange(80, "GET", "/late", 200, 0.5, 0.1))
    for i in range(DISTINCT + 50):
        ledger.record(Exchange(80, "GET", f"/{i}", 200, 1e6, 0.1))
    assert len(ledger.exchanges) == FIRST + DISTINCT
    assert [exchange.path for exchange in ledger.exchanges[:3]] == ["/same", "/late", "/same"]


# --- what it carries


@contextlib.contextmanager
def relay_to(handle: Callable[[socket.socket], None]) -> Iterator[tuple[Relay, socket.socket]]:
    """A relay to such a service, and one connection through it."""
    with (
        serving(handle) as port,
        Relay({8080: port}) as relay,
        socket.create_connection(("127.0.0.1", relay.ports[8080]), timeout=20) as link,
    ):
        yield relay, link


def test_events_arrive_one_by_one_as_they_are_sent() -> None:
    go = threading.Event()

    def events(link: socket.socket) -> None:
        link.recv(1000)
        link.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        assert go.wait(10)
        link.sendall(b"data: 2\n\n")

    with relay_to(events) as (relay, link):
        link.sendall(b"GET /events HTTP/1.1\r\n\r\n")
        first = b""
        while not first.endswith(b"\n\n"):
            first += link.recv(1000)
        assert first.endswith(b"data: 1\n\n")
        assert select.select([link], [], [], 0.1)[0] == []
        go.set()
        assert read_all(link) == b"data: 2\n\n"
        relay.close()
        assert [(seen.path, seen.status) for seen in relay.exchanges] == [("/events", 200)]


def test_a_websocket_goes_through() -> None:
    def upgrade(link: socket.socket) -> None:
        link.recv(1000)
        link.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
        echo(link)

    with relay_to(upgrade) as (relay, link):
        link.sendall(b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n")
        assert link.recv(1000).endswith(b"\r\n\r\n")
        for frame in (b"\x81\x85abcd", b"GET /no-request HTTP/1.1\r\n\r\n"):
            link.sendall(frame)
            assert link.recv(1000) == frame
        relay.close()
        assert [(seen.method, seen.path, seen.status) for seen in relay.exchanges] == [
            ("GET", "/ws", 101)
        ]


def test_a_service_that_is_gone_resets_its_clients() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with Relay({8080: port}) as relay:
        with (
            pytest.raises(ConnectionResetError),
            socket.create_connection(("127.0.0.1", relay.ports[8080]), timeout=20) as link,
        ):
            link.recv(1)
        relay.close()
        assert relay.connections == {8080: 1}


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers what it was sent, on connections that stay."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(500 if self.path.endswith("/7") else 200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.mark.no_cover
def test_ten_thousand_requests_on_connections_that_stay() -> None:
    """From four clients at once: each gets its own answer, and each request is told once."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    wrong: list[str] = []

    def client(port: int, number: int) -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for i in range(2500):
            body = f"{number}-{i}".encode()
            link.request("POST", f"/{number}/{i}", body)
            answer = link.getresponse()
            if answer.read() != body or answer.status != (500 if i == 7 else 200):
                wrong.append(body.decode())
        link.close()

    with Relay({80: server.server_address[1], 81: server.server_address[1]}) as relay:
        clients = [
            threading.Thread(target=client, args=(relay.ports[80], number)) for number in range(4)
        ]
        for each in clients:
            each.start()
        for each in clients:
            each.join()
    server.shutdown()
    server.server_close()
    assert wrong == []
    assert relay.connections == {80: 4, 81: 0}
    assert sorted((seen.path, seen.status) for seen in relay.exchanges) == sorted(
        (f"/{n}/{i}", 500 if i == 7 else 200) for n in range(4) for i in range(2500)
    )
    assert all(
        seen.method == "POST" and seen.port == 80 and seen.seconds >= 0 for seen in relay.exchanges
    )


def test_closing_ends_what_is_open_and_the_thread() -> None:
    def swallow(link: socket.socket) -> None:
        read_all(link)

    with relay_to(swallow) as (relay, link):
        link.sendall(b"GET /never-answered HTTP/1.1\r\n\r\n")
        time.sleep(0.2)
        relay.close()
        relay.close()
        assert link.recv(1) == b""
        assert [(seen.path, seen.status) for seen in relay.exchanges] == [("/never-answered", None)]
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", relay.ports[8080]), timeout=5)
    assert "careen-relay" not in {thread.name for thread in threading.enumerate()}
