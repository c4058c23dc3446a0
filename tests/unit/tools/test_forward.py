"""The forwarder: it carries bytes, half-closes and resets as they are."""

import contextlib
import hashlib
import resource
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from careen.tools.forward import Forwarder, Listener, Observer, listen
from tests.support.tcp_service import echo, read_all, serving

pytestmark = pytest.mark.slow


@contextlib.contextmanager
def forwarding(listener: Listener) -> Iterator[int]:
    """A forwarder of one listening socket; its port."""
    port = listener.socket.getsockname()[1]
    forwarder = Forwarder([listener], "forwarder under test")
    try:
        yield port
    finally:
        forwarder.close()


@contextlib.contextmanager
def forwarded(handle: Callable[[socket.socket], None]) -> Iterator[tuple[int, socket.socket]]:
    """The port of a forwarder to such a service, and one connection through it."""
    with (
        serving(handle) as target,
        forwarding(Listener(listen("127.0.0.1", 0), target)) as port,
        socket.create_connection(("127.0.0.1", port), timeout=20) as link,
    ):
        yield port, link


def test_half_a_connection_may_end_before_the_other() -> None:
    def count(link: socket.socket) -> None:
        link.sendall(b"%d bytes" % len(read_all(link)))

    with forwarded(count) as (_, link):
        link.sendall(b"x" * 3_000_000)
        link.shutdown(socket.SHUT_WR)
        assert read_all(link) == b"3000000 bytes"


def test_bytes_arrive_unchanged_and_in_order_both_ways_at_once() -> None:
    data = hashlib.shake_256(b"bytes").digest(20_000_000)
    with forwarded(echo) as (_, link):

        def send() -> None:
            link.sendall(data)
            link.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        assert hashlib.sha256(read_all(link)).digest() == hashlib.sha256(data).digest()
        sender.join()


def test_a_client_that_does_not_read_holds_up_the_service() -> None:
    """And only it: what is on its way is bounded by the kernel's buffers, and the forwarder serves
    others meanwhile.
    """
    sent = [0]

    def flood(link: socket.socket) -> None:
        if link.recv(1) == b"e":
            echo(link)
        for _ in range(4000):
            sent[0] += link.send(b"x" * 65536)

    with (
        forwarded(flood) as (port, slow),
        socket.create_connection(("127.0.0.1", port), timeout=20) as other,
    ):
        slow.sendall(b"f")
        before = -1
        while before != sent[0]:
            before = sent[0]
            time.sleep(0.3)
        assert before < 4000 * 65536
        other.sendall(b"eping")
        assert other.recv(10) == b"ping"


def reset(link: socket.socket) -> None:
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    link.close()


def test_a_reset_by_the_service_is_one_for_the_client() -> None:
    def answer_and_reset(link: socket.socket) -> None:
        link.recv(1)
        link.sendall(b"partial answer")
        time.sleep(0.2)
        reset(link)

    with forwarded(answer_and_reset) as (_, link):
        link.sendall(b"x")
        assert link.recv(100) == b"partial answer"
        with pytest.raises(ConnectionResetError):
            link.recv(1)


def test_a_reset_by_the_client_is_one_for_the_service() -> None:
    ended: list[str] = []
    done = threading.Event()

    def wait(link: socket.socket) -> None:
        try:
            link.sendall(b"go")
            ended.append(f"end {link.recv(1)!r}")
        except ConnectionResetError:
            ended.append("reset")
        finally:
            done.set()

    with forwarded(wait) as (_, link):
        assert link.recv(2) == b"go"
        reset(link)
        assert done.wait(10)
    assert ended == ["reset"]


def test_a_client_that_leaves_in_mid_stream_stops_the_stream() -> None:
    stopped = threading.Event()

    def stream(link: socket.socket) -> None:
        try:
            while True:
                link.sendall(b"data: x\n\n" * 1000)
        except OSError:
            stopped.set()

    with forwarded(stream) as (_, link):
        link.recv(10)
        link.close()
        assert stopped.wait(10)


def test_more_clients_than_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the limit cannot be raised, those who come wait; nobody is turned away."""
    monkeypatch.setattr("careen.tools.forward._more_files", lambda: False)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with forwarded(echo) as (port, _), contextlib.ExitStack() as stack:
        links = [stack.enter_context(socket.socket()) for _ in range(20)]
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (max(link.fileno() for link in links) + 20, limits[1])
        )
        try:
            for link in links:
                link.settimeout(30)
                link.connect(("127.0.0.1", port))
                link.sendall(b"hi")
            time.sleep(0.5)  # some are in the queue now
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert all(link.recv(2) == b"hi" for link in links)


class Seen(Observer):
    """Keeps what it is told, and when."""

    def __init__(self) -> None:
        self.told: list[tuple[str, bytes]] = []
        self.times: list[float] = []

    def sent(self, data: memoryview, now: float) -> None:
        self.told.append((">", bytes(data)))
        self.times.append(now)

    def answered(self, data: memoryview, now: float) -> None:
        self.told.append(("<", bytes(data)))
        self.times.append(now)

    def ended(self, now: float) -> None:
        self.told.append(("end", b""))
        self.times.append(now)


def test_an_observer_of_each_connection_is_told_its_bytes_and_its_end() -> None:
    seen: list[Seen] = []

    def observe() -> Seen:
        seen.append(Seen())
        return seen[-1]

    with (
        serving(echo) as target,
        forwarding(Listener(listen("127.0.0.1", 0), target, observe=observe)) as port,
    ):
        for text in (b"one", b"two"):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
                link.sendall(text)
                assert link.recv(10) == text
                link.shutdown(socket.SHUT_WR)
                assert link.recv(1) == b""
    assert [one.told[:3] for one in seen] == [
        [(">", text), ("<", text), ("end", b"")] for text in (b"one", b"two")
    ]
    assert all(one.times == sorted(one.times) for one in seen)


def test_the_next_host_is_tried_when_one_refuses() -> None:
    with (
        serving(echo, "127.0.0.3") as target,
        forwarding(
            Listener(listen("127.0.0.1", 0), target, ("127.0.0.1", "127.0.0.2", "127.0.0.3"))
        ) as port,
        socket.create_connection(("127.0.0.1", port), timeout=20) as link,
    ):
        link.sendall(b"hi")
        assert link.recv(2) == b"hi"


def test_a_client_is_reset_when_every_host_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        target = nobody.getsockname()[1]
    with (
        forwarding(Listener(listen("127.0.0.1", 0), target, ("127.0.0.1", "::1"))) as port,
        pytest.raises(ConnectionResetError),
        socket.create_connection(("127.0.0.1", port), timeout=20) as link,
    ):
        link.recv(1)


def test_a_thread_that_cannot_enter_leaves_nothing_open() -> None:
    def enter() -> None:
        raise PermissionError(1, "not permitted")

    listener = listen("127.0.0.1", 0)
    with pytest.raises(PermissionError, match="not permitted"):
        Forwarder([Listener(listener, 1)], "never enters", enter)
    assert listener.fileno() == -1
    assert "never enters" not in {thread.name for thread in threading.enumerate()}
