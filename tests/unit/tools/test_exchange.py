"""One exchange with a server that does as it likes: it ends in time, and what is kept is
bounded.
"""

import contextlib
import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from careen.explore.abuse import OTHER, abuse, malformed_http_requests
from careen.tools.exchange import (
    BODY,
    CLOSED,
    ENDLESS,
    HEAD_ONLY,
    LATE,
    NOT_HTTP,
    REFUSED,
    Reply,
    Request,
    Target,
    exchange,
)

pytestmark = pytest.mark.slow

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Other: 1\r\n"


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[Target]:
    """Answer each connection in a thread of its own, after something of the request has come."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def one(link: socket.socket) -> None:
        with link, contextlib.suppress(OSError):
            link.settimeout(10)
            link.recv(65536)
            answer(link)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while not ended.is_set():
                link, _ = listener.accept()
                threading.Thread(target=one, args=(link,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Target(8000, listener.getsockname()[1])
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def asked(answer: Callable[[socket.socket], None], seconds: float = 1.0) -> Reply:
    with server(answer) as target:
        begun = time.monotonic()
        reply = exchange(target, Request("GET", "/"), seconds)
        assert time.monotonic() - begun < seconds + 2
        return reply


def drip(link: socket.socket) -> None:
    link.sendall(HEAD + b"\r\n")
    while True:
        link.sendall(b"x")
        time.sleep(0.05)


def drip_head(link: socket.socket) -> None:
    link.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        link.sendall(b"x")
        time.sleep(0.05)


def flood(link: socket.socket) -> None:
    link.sendall(HEAD + b"\r\n")
    while True:
        link.sendall(b"x" * 65536)


def test_an_answer() -> None:
    reply = asked(lambda link: link.sendall(HEAD + b"Content-Length: 5\r\n\r\nhello"))
    assert (reply.status, reply.headers, reply.text, reply.note) == (
        200,
        {"content-type": "text/plain"},
        "hello",
        "",
    )


def test_of_cookies_the_names_are_kept() -> None:
    cookies = b"Set-Cookie: session=secret; Path=/\r\nSet-Cookie: csrf=1\r\n"
    reply = asked(lambda link: link.sendall(HEAD + cookies + b"Content-Length: 0\r\n\r\n"))
    assert reply.headers == {"content-type": "text/plain", "set-cookie": "csrf, session"}


@pytest.mark.parametrize(
    ("answer", "status", "note"),
    [
        (lambda _: time.sleep(5), None, LATE),
        (drip, 200, ENDLESS),
        (drip_head, None, LATE),
        (flood, 200, "the body was cut off at 64 KiB"),
        (lambda _: None, None, CLOSED),
        (lambda link: link.sendall(b"SSH-2.0-server\r\n" * 10), None, NOT_HTTP),
        (
            lambda link: link.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"a" * 1_000_000),
            None,
            NOT_HTTP,
        ),
        (
            lambda link: link.sendall(HEAD + b"Content-Length: 100\r\n\r\nshort"),
            200,
            "the answer breaks off",
        ),
        (
            lambda link: link.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
            200,
            "the answer breaks off",
        ),
        (
            lambda link: link.sendall(
                b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + b"HTTP/1.1 204 No Content\r\n\r\n"
            ),
            204,
            "",
        ),
    ],
    ids=[
        "silent",
        "drip",
        "drip-head",
        "flood",
        "close",
        "other",
        "huge-head",
        "short",
        "bad-chunk",
        "continue",
    ],
)
def test_whatever_the_server_does(
    answer: Callable[[socket.socket], None], status: int | None, note: str
) -> None:
    reply = asked(answer)
    assert (reply.status, reply.note) == (status, note)
    assert len(reply.body) <= BODY


def test_the_head_alone_is_not_held_up_by_a_body_that_does_not_end() -> None:
    with server(drip) as target:
        reply = exchange(target, Request("GET", "/"), 30, HEAD_ONLY)
    assert (reply.status, reply.body, reply.note) == (200, b"", "")


def test_a_server_that_reads_slowly_does_not_outlast_the_limit() -> None:
    def slow(link: socket.socket) -> None:
        while link.recv(1024):
            time.sleep(0.05)

    begun = time.monotonic()
    with server(slow) as target:
        reply = exchange(target, Request("POST", "/", body=b"x" * (32 << 20)), 1)
    assert (reply.status, reply.note) == (None, LATE)
    assert time.monotonic() - begun < 20


def test_nobody_listens() -> None:
    with server(lambda _: None) as target:
        pass
    assert exchange(target, Request("GET", "/"), 1).note == REFUSED


def test_bytes_that_are_no_text_are_told_by_their_digest() -> None:
    reply = asked(lambda link: link.sendall(HEAD + b"Content-Length: 3\r\n\r\n\xff\x00\x01"))
    assert reply.text == f"3 bytes, sha256 {hashlib.sha256(bytes((255, 0, 1))).hexdigest()}"


def test_the_host_is_the_containers_own_port_and_the_body_is_announced() -> None:
    seen: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        target = Target(8000, listener.getsockname()[1])
        thread = threading.Thread(target=lambda: seen.append(_read_one(listener)))
        thread.start()
        exchange(target, Request("POST", "/x?a=1", (("Content-Type", "text/plain"),), b"body"), 2)
        thread.join(5)
    head, _, sent = seen[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /x?a=1 HTTP/1.1\r\n")
    assert b"Host: 127.0.0.1:8000" in head
    assert b"Content-Length: 4" in head
    assert sent == b"body"


def _read_one(listener: socket.socket) -> bytes:
    link, _ = listener.accept()
    with link:
        link.settimeout(1)
        data = b""
        while b"body" not in data:
            data += link.recv(4096)
        link.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
    return data


def test_nonsense_is_answered_or_not_and_that_is_told() -> None:
    with server(
        lambda link: link.sendall(b"HTTP/1.1 400 Bad\r\nContent-Length: 3\r\nDate: now\r\n\r\nbad")
    ) as target:
        answers = {
            answer.id: answer
            for answer in abuse(target, malformed_http_requests(8000, "/x")[4:9], ())
        }
    assert len(answers) == 5
    assert {(answer.status, answer.body, answer.kind) for answer in answers.values()} == {
        (400, "bad", "raw")
    }


def test_one_that_says_go_on_and_one_that_answers_twice() -> None:
    both = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    twice = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nDate: today\r\n\r\na" * 2
    for said, expected in ((both, (200, "", "told to go on")), (twice, (200, "a", "2 answers"))):
        with server(lambda link, said=said: link.sendall(said)) as target:  # type: ignore[misc]
            (answer,) = abuse(target, malformed_http_requests(8000, "/x")[5:6], ())
        assert (answer.status, answer.body, answer.note) == expected


def test_a_handshake_of_tls_is_the_same_answer_whatever_its_random_numbers() -> None:
    hello = next(number for number, each in enumerate(OTHER) if "TLS" in each.id)
    said = []
    for random in (b"a" * 32, b"b" * 32):
        with server(
            lambda link, random=random: link.sendall(  # type: ignore[misc]
                b"\x16\x03\x03\x00\x26\x02\x00\x00\x22\x03\x03" + random
            )
        ) as target:
            said += [answer.body for answer in abuse(target, OTHER[hello : hello + 1], ())]
    assert said == ["a handshake of TLS"] * 2


def test_nonsense_for_what_is_no_web_server_ends_in_time() -> None:
    with server(lambda _: time.sleep(8)) as target:
        begun = time.monotonic()
        answers = list(abuse(target, OTHER[:5], ()))
        assert time.monotonic() - begun < 8
    assert [answer.note for answer in answers] == [
        "broken off by us",
        LATE,
        LATE,
        LATE,
        "broken off by us",
    ]
