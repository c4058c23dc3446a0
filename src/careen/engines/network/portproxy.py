"""Published ports of the embedded engine: a TCP proxy into the container's namespace.

One thread in the namespace runs an event loop for all ports and connections. The listening sockets
are created outside before, since a socket belongs to the namespace in which it was created.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from careen.engines.network.namespace import Namespace, enter
from careen.errors import InputError, ToolError

_CHUNK = 256 * 1024
_BACKLOG = 512
_START_SECONDS = 10.0
_INSIDE = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Published:
    """A TCP port of the container and the host address that leads to it.

    `host_port` 0 takes a free port.
    """

    address: str
    host_port: int
    port: int


def _listen(wanted: Published) -> socket.socket:
    family = socket.AF_INET6 if ":" in wanted.address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((wanted.address, wanted.host_port))
        listener.listen(_BACKLOG)
        listener.setblocking(False)  # noqa: FBT003 — the standard library's signature
    except OSError as error:
        listener.close()
        msg = (
            f"publishing port {wanted.port} at {wanted.address}:{wanted.host_port}:"
            f" {error.strerror}; choose another one with -p"
        )
        raise InputError(msg) from error
    return listener


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Forward one direction to its end and close it; leave the other one open."""
    while data := await source.read(_CHUNK):
        sink.write(data)
        await sink.drain()
    sink.write_eof()


async def _dial(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    for address in _INSIDE:
        with contextlib.suppress(OSError):
            return await asyncio.open_connection(address, port, limit=_CHUNK)
    return None


class PortProxy:
    """A proxy that listens once it is created; `close` ends all connections and the thread."""

    def __init__(self, network: Namespace, wanted: Sequence[Published]) -> None:
        """Bind all ports or none; raise InputError if a port is not available."""
        self._network = network
        self._connections: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._trouble: OSError | None = None
        self._ready = threading.Event()
        self._listeners: list[tuple[socket.socket, int]] = []
        try:
            for each in wanted:
                self._listeners.append((_listen(each), each.port))
        except InputError:
            self._close_listeners()
            raise
        self.published = tuple(
            Published(each.address, int(listener.getsockname()[1]), each.port)
            for each, (listener, _) in zip(wanted, self._listeners, strict=True)
        )
        self._thread = threading.Thread(target=self._run, name="ports", daemon=True)
        self._thread.start()
        if not self._ready.wait(_START_SECONDS) or self._trouble is not None:
            self.close()
            msg = (
                "publishing ports:"
                f" {self._trouble.strerror if self._trouble else 'the proxy does not start'}"
            )
            raise ToolError(msg)

    def _close_listeners(self) -> None:
        for listener, _ in self._listeners:
            listener.close()

    def _run(self) -> None:
        try:
            enter(self._network.descriptor)
            asyncio.run(self._serve())
        except OSError as error:
            self._trouble = error
        finally:
            self._ready.set()
            self._close_listeners()

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        servers = [
            await asyncio.start_server(
                self._accepted(port), sock=listener, limit=_CHUNK, backlog=_BACKLOG
            )
            for listener, port in self._listeners
        ]
        self._ready.set()
        await self._end.wait()
        for server in servers:
            server.close()
        open_now = list(self._connections)
        for task in open_now:
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)

    def _accepted(self, port: int) -> "_Accept":
        return _Accept(port, self._connections)

    def close(self) -> None:
        """End the proxy and its thread, so that nothing holds the namespace; idempotent."""
        if self._loop is not None and self._end is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # the loop has just ended
                self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(_START_SECONDS)


class _Accept:
    """The callback of asyncio for connections to one port."""

    def __init__(self, port: int, connections: set[asyncio.Task[None]]) -> None:
        self._port = port
        self._connections = connections

    def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._connect(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        clean = False
        try:
            inside = await _dial(self._port)
            if inside is not None:
                there, back = inside
                async with asyncio.TaskGroup() as both:
                    both.create_task(_carry(reader, back))
                    both.create_task(_carry(there, writer))
                clean = True
        except* OSError:
            pass  # one side reset the connection; the other side is reset below
        finally:
            for each in (writer, *((inside[1],) if inside else ())):
                if clean:
                    each.close()
                else:
                    each.transport.abort()
            for each in (writer, *((inside[1],) if inside else ())):
                with contextlib.suppress(OSError, asyncio.CancelledError):
                    await each.wait_closed()
