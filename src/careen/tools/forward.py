"""A TCP forwarder: one thread carries connections from listening sockets to ports of a loopback.

Bytes are forwarded in both directions before an observer sees them. Half-closes and resets are
passed on, and at most one piece (256 KiB) is buffered, so a side that does not read stops the other
one. Only refusal differs: the client was already accepted, so for a closed port it sees a reset.
"""

import contextlib
import errno
import os
import resource
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

_PIECE = 256 * 1024
_BACKLOG = 1024
_ACCEPTS = 64
_PAUSE = 0.1
_MOST_FILES = 65536
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, for 0 seconds
_JOIN = 10.0


class Observer(Protocol):
    """What sees the bytes of one connection after they were forwarded; called in the thread."""

    def sent(self, data: memoryview, now: float) -> None:
        """See bytes of the client; the buffer is reused after the call."""

    def answered(self, data: memoryview, now: float) -> None:
        """See bytes of the service; the buffer is reused after the call."""

    def ended(self, now: float) -> None:
        """Learn that the service's output or the connection ended; may come twice."""


class Unobserved(Observer):
    """The observer that ignores all bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Listener:
    """A listening socket, and where its connections lead: a port of the first host that accepts.

    The first host is an IPv4 address. `observe` is called for each accepted connection.
    """

    socket: socket.socket
    port: int
    hosts: Sequence[str] = ("127.0.0.1",)
    observe: Callable[[], Observer] = Unobserved


def listen(address: str, port: int) -> socket.socket:
    """Return a listening, non-blocking socket; port 0 takes a free one. Raises OSError."""
    listener = _new_socket(address)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(_BACKLOG)
        listener.setblocking(False)  # noqa: FBT003 — the standard library's signature
    except OSError:
        listener.close()
        raise
    return listener


@dataclass(slots=True, eq=False)
class _End:
    """The socket of one side, the bytes still to be sent to it, and whether its input has ended."""

    socket: socket.socket
    link: "_Link"
    pending: bytes = b""
    over: bool = False
    mask: int = 0


@dataclass(slots=True, eq=False)
class _Link:
    """A client's connection and its connection to the service; `hosts` are those not yet tried."""

    port: int
    hosts: Iterator[str]
    observer: Observer
    ends: list[_End] = field(default_factory=list)
    connecting: bool = True

    @property
    def client(self) -> _End:
        return self.ends[0]

    @property
    def service(self) -> _End:
        return self.ends[1]

    def other(self, end: _End) -> _End:
        return self.ends[1] if end is self.ends[0] else self.ends[0]


class Forwarder:
    """A forwarder that accepts once it is created; `close` ends all connections and the thread."""

    def __init__(
        self, listeners: Sequence[Listener], name: str, enter: Callable[[], None] = lambda: None
    ) -> None:
        """Take over the listening sockets.

        `name` is the thread's. `enter` runs first in the thread, for example to change its network
        namespace. Raises OSError, also that of `enter`.
        """
        self._listeners = listeners
        self._enter = enter
        self._selector = selectors.DefaultSelector()
        self._links: set[_Link] = set()
        self._view = memoryview(bytearray(_PIECE))
        self._resume: float | None = None
        self._spare: socket.socket | None = None
        self._started: Future[None] = Future()
        self._wake_in, self._wake_out = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()
        try:
            self._started.result()
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """End all connections and the thread, so that nothing holds its namespace; idempotent."""
        if self._wake_out >= 0:
            with contextlib.suppress(BrokenPipeError):  # the thread has ended
                os.write(self._wake_out, b"x")
            self._thread.join(_JOIN)
            os.close(self._wake_out)
            self._wake_out = -1

    def _run(self) -> None:
        try:
            try:
                self._enter()
                self._selector.register(self._wake_in, selectors.EVENT_READ)
                self._open()
            except OSError as error:
                self._started.set_exception(error)
                return
            self._started.set_result(None)
            self._forward()
        finally:
            self._started.cancel()  # so that nobody waits for a thread that ended in another way
            now = time.monotonic()
            for link in list(self._links):
                self._close(link, now)
            self._shut()

    def _forward(self) -> None:
        while True:
            for key, mask in self._selector.select(None if self._resume is None else _PAUSE):
                if key.data is None:
                    return
                self._serve(key.data, mask)
            if self._resume is not None and time.monotonic() >= self._resume:
                self._open()

    def _open(self) -> None:
        self._resume = None
        for listener in self._listeners:
            self._selector.register(listener.socket, selectors.EVENT_READ, listener)

    def _shut(self) -> None:
        for listener in self._listeners:
            listener.socket.close()
        if self._spare is not None:
            self._spare.close()
        self._selector.close()
        os.close(self._wake_in)

    def _serve(self, where: Listener | _End, mask: int) -> None:
        if isinstance(where, Listener):
            self._accept(where)
            return
        link = where.link
        if link in self._links and mask & selectors.EVENT_WRITE:
            self._connected(link) if link.connecting else self._flush(where)
        if link in self._links and mask & selectors.EVENT_READ and not link.connecting:
            self._carry(where)

    # --- connections come and go

    def _accept(self, listener: Listener) -> None:
        for _ in range(_ACCEPTS if self._resume is None else 0):
            try:
                # First, so that no client is accepted without a socket to the service.
                self._spare = self._spare or socket.socket()
                client, _address = listener.socket.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE) and not _more_files():
                    self._pause()
                    return
                continue  # the client was gone before it was accepted
            service, self._spare = self._spare, None
            self._join(listener, client, service)

    def _pause(self) -> None:
        """Stop accepting for a short time while no descriptor is left; clients stay queued."""
        self._resume = time.monotonic() + _PAUSE
        for listener in self._listeners:
            self._selector.unregister(listener.socket)

    def _join(self, listener: Listener, client: socket.socket, service: socket.socket) -> None:
        link = _Link(listener.port, iter(listener.hosts), listener.observe())
        link.ends = [_End(client, link), _End(service, link)]
        self._links.add(link)
        _prepare(client)
        self._dial(link, next(link.hosts))

    def _dial(self, link: _Link, host: str) -> None:
        service = link.service.socket
        _prepare(service)
        number = service.connect_ex((host, link.port))
        if number == 0:
            self._connected(link)
        elif number == errno.EINPROGRESS:
            self._interest(link)
        else:
            self._dial_next(link)

    def _dial_next(self, link: _Link) -> None:
        """Try the next host with a new socket; reset the client if there is none."""
        host = next(link.hosts, None)
        if host is None:
            self._reset(link)
            return
        self._leave(link.service)
        try:
            link.service.socket = _new_socket(host)
        except OSError:  # no descriptor is left, or no such address family
            self._dial_next(link)
            return
        self._dial(link, host)

    def _connected(self, link: _Link) -> None:
        if link.service.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._dial_next(link)
            return
        link.connecting = False
        self._interest(link)

    def _leave(self, end: _End) -> None:
        if end.mask:
            self._selector.unregister(end.socket)
            end.mask = 0
        end.socket.close()

    def _close(self, link: _Link, now: float) -> None:
        self._links.discard(link)
        for end in link.ends:
            self._leave(end)
        link.observer.ended(now)

    def _reset(self, link: _Link) -> None:
        """Reset both connections; data in the kernel is lost, as without the forwarder."""
        for end in link.ends:
            with contextlib.suppress(OSError):
                end.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._close(link, time.monotonic())

    # --- bytes

    def _carry(self, end: _End) -> None:
        """Read up to a piece from one side and send it to the other."""
        link = end.link
        other = link.other(end)
        if other.pending or end.over:
            return
        try:
            size = end.socket.recv_into(self._view)
        except BlockingIOError:
            return
        except OSError:
            self._reset(link)  # nothing is pending: reading waits until all was sent on
            return
        if not size:
            end.over = True
            if end is link.service:
                link.observer.ended(time.monotonic())
            self._finish(other)
            return
        piece = self._view[:size]
        try:
            gone = other.socket.send(piece)
        except BlockingIOError:
            gone = 0
        except OSError:
            self._reset(link)
            return
        if gone < size:
            other.pending = bytes(piece[gone:])
            self._interest(link)
        now = time.monotonic()
        if end is link.client:
            link.observer.sent(piece, now)
        else:
            link.observer.answered(piece, now)

    def _flush(self, end: _End) -> None:
        """Send the pending bytes of one side."""
        try:
            gone = end.socket.send(end.pending) if end.pending else 0
        except BlockingIOError:
            return
        except OSError:
            self._reset(end.link)
            return
        end.pending = end.pending[gone:]
        if not end.pending:
            self._interest(end.link)

    def _finish(self, end: _End) -> None:
        """Shut down the output to one side; the other direction stays open until that side ends."""
        link = end.link
        if all(each.over for each in link.ends):
            self._close(link, time.monotonic())
            return
        try:
            end.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self._reset(link)
            return
        self._interest(link)

    def _interest(self, link: _Link) -> None:
        """Update the selector's masks.

        A side is read while nothing is pending for the other, and written to while something is
        pending.
        """
        for end in link.ends:
            if link.connecting:
                mask = selectors.EVENT_WRITE if end is link.service else 0
            else:
                read = not end.over and not link.other(end).pending
                mask = (selectors.EVENT_READ if read else 0) | (
                    selectors.EVENT_WRITE if end.pending else 0
                )
            if mask == end.mask:
                continue
            if not end.mask:
                self._selector.register(end.socket, mask, end)
            elif not mask:
                self._selector.unregister(end.socket)
            else:
                self._selector.modify(end.socket, mask, end)
            end.mask = mask


def _new_socket(host: str) -> socket.socket:
    return socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)


def _prepare(one: socket.socket) -> None:
    one.setblocking(False)  # noqa: FBT003 — the standard library's signature
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _more_files() -> bool:
    """Raise the limit of open files if permitted; return whether it was raised."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return False
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return True
