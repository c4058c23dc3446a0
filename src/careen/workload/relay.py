"""A relay between the tests and the container's ports, which records the tests' requests.

Bytes are forwarded in both directions before they are parsed. Half-closes and resets are passed on,
and at most one piece (256 KiB) is buffered, so a side that does not read stops the other one. Only
refusal differs: the relay has already accepted, so the client of a closed port sees a reset.
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
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from careen.errors import ToolError
from careen.model.runs.workload import Exchange
from careen.workload.http_watch import HttpConnectionParser
from careen.workload.ledger import ExchangeLog

_LOOPBACK = "127.0.0.1"
_PIECE = 256 * 1024
_BACKLOG = 1024
_ACCEPTS = 64
_PAUSE = 0.1
_MOST_FILES = 65536
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, for 0 seconds
_JOIN = 10.0


@dataclass(slots=True, eq=False)
class _End:
    """The socket of one side, the bytes still to be sent to it, and whether its input has ended."""

    socket: socket.socket
    link: "_Link"
    pending: bytes = b""
    over: bool = False
    broken: bool = False
    mask: int = 0


@dataclass(slots=True, eq=False)
class _Link:
    """A client's connection and its connection to the container."""

    watch: HttpConnectionParser
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


@dataclass(frozen=True, slots=True, eq=False)
class _ListeningPort:
    """A listening socket, its container port, and the port of 127.0.0.1 that it forwards to."""

    socket: socket.socket
    port: int
    target: int


class Relay:
    """A relay that listens once it is created, on one port of 127.0.0.1 for each target.

    `close` ends all connections and the thread.
    """

    def __init__(self, targets: Mapping[int, int]) -> None:
        """`targets` maps the container's ports to the ports of 127.0.0.1 that lead to them.

        Raises ToolError if it cannot listen.
        """
        self._ledger = ExchangeLog()
        self._selector = selectors.DefaultSelector()
        self._links: set[_Link] = set()
        self._view = memoryview(bytearray(_PIECE))
        self._resume: float | None = None
        self._spare: socket.socket | None = None
        self._doors: list[_ListeningPort] = []
        self._wake_in, self._wake_out = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            for port, target in targets.items():
                self._doors.append(_ListeningPort(_listen(), port, target))
                self._ledger.connections[port] = 0
        except OSError as error:
            self._shut()
            os.close(self._wake_out)
            msg = f"listening on 127.0.0.1 for the tests: {error.strerror}"
            raise ToolError(msg) from error
        self._selector.register(self._wake_in, selectors.EVENT_READ)
        self._open_doors()
        self.ports: Mapping[int, int] = {
            door.port: door.socket.getsockname()[1] for door in self._doors
        }
        self._thread = threading.Thread(target=self._run, name="careen-relay", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all connections; the record stays available; idempotent."""
        if self._wake_out >= 0:
            os.write(self._wake_out, b"x")
            self._thread.join(_JOIN)
            os.close(self._wake_out)
            self._wake_out = -1

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The HTTP requests by their start, limited by `ExchangeLog`; use after `close`."""
        return self._ledger.exchanges

    @property
    def connections(self) -> Mapping[int, int]:
        """The number of connections to each port of the container; use after `close`."""
        return dict(self._ledger.connections)

    def _shut(self) -> None:
        for door in self._doors:
            door.socket.close()
        if self._spare is not None:
            self._spare.close()
        self._selector.close()
        os.close(self._wake_in)

    def _open_doors(self) -> None:
        self._resume = None
        for door in self._doors:
            self._selector.register(door.socket, selectors.EVENT_READ, door)

    def _run(self) -> None:
        try:
            while True:
                for key, mask in self._selector.select(None if self._resume is None else _PAUSE):
                    if key.data is None:
                        return
                    self._serve(key.data, mask)
                if self._resume is not None and time.monotonic() >= self._resume:
                    self._open_doors()
        finally:
            now = time.monotonic()
            for link in list(self._links):
                self._close(link, now)
            self._shut()

    def _serve(self, where: "_ListeningPort | _End", mask: int) -> None:
        if isinstance(where, _ListeningPort):
            self._accept(where)
            return
        link = where.link
        if link in self._links and mask & selectors.EVENT_WRITE:
            self._connected(link) if link.connecting else self._flush(where)
        if link in self._links and mask & selectors.EVENT_READ and not link.connecting:
            self._carry(where)

    # --- connections come and go

    def _accept(self, door: _ListeningPort) -> None:
        for _ in range(_ACCEPTS if self._resume is None else 0):
            try:
                # First, so that no client is accepted without a socket to the service.
                self._spare = self._spare or socket.socket()
                client, _address = door.socket.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE) and not _more_files():
                    self._pause()
                    return
                continue  # the client was gone before it was accepted
            service, self._spare = self._spare, None
            self._ledger.connected(door.port)
            self._join(door, client, service)

    def _pause(self) -> None:
        """Stop accepting for a short time while no descriptor is left; clients stay queued."""
        self._resume = time.monotonic() + _PAUSE
        for door in self._doors:
            self._selector.unregister(door.socket)

    def _join(self, door: _ListeningPort, client: socket.socket, service: socket.socket) -> None:
        link = _Link(HttpConnectionParser(door.port, self._ledger.record))
        link.ends = [_End(client, link), _End(service, link)]
        self._links.add(link)
        for each in (client, service):
            each.setblocking(False)  # noqa: FBT003 — the standard library's signature
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = service.connect_ex((_LOOPBACK, door.target))
        if number == 0:
            self._connected(link)
        elif number == errno.EINPROGRESS:
            self._interest(link)
        else:
            self._reset(link)

    def _connected(self, link: _Link) -> None:
        if link.service.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._reset(link)
            return
        link.connecting = False
        self._interest(link)

    def _close(self, link: _Link, now: float) -> None:
        self._links.discard(link)
        for end in link.ends:
            if end.mask:
                self._selector.unregister(end.socket)
                end.mask = 0
            end.socket.close()
        link.watch.ended(now)

    def _reset(self, link: _Link) -> None:
        """Reset both connections; data in the kernel is lost, as without the relay."""
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
                link.watch.ended(time.monotonic())
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
            link.watch.sent(piece, now)
        else:
            link.watch.answered(piece, now)

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


def _listen() -> socket.socket:
    listener = socket.create_server((_LOOPBACK, 0), backlog=_BACKLOG)
    listener.setblocking(False)  # noqa: FBT003 — the standard library's signature
    return listener


def _more_files() -> bool:
    """Raise the limit of open files if permitted; return whether it was raised."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return False
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return True
