"""The egress proxy: the only way out of a container's network namespace, for package managers.

An HTTP proxy listens on the namespace's loopback and connects from this machine's network to
checked addresses. It is one thread with an event loop and ends with careen. A socket belongs to the
namespace in which it was created, so the listening socket is created inside. Names are resolved on
this side; the container needs no name server.
"""

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from careen.engines.network.egress_request import (
    MAX_HEAD,
    RefusedRequestError,
    Request,
    RequestReader,
)
from careen.engines.network.egress_route import EgressPolicy, Upstream, absolute
from careen.engines.network.namespace import Namespace, enter, in_own_thread
from careen.errors import ToolError

ADDRESS = ("127.0.0.1", 3128)
"""Address where it listens; a new namespace has no other listeners."""

_URL = f"http://{ADDRESS[0]}:{ADDRESS[1]}"
_NAMES = (
    *("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"),
    *("PIP_PROXY", "npm_config_proxy", "npm_config_https_proxy"),
)
ENVIRONMENT: Mapping[str, str] = {
    **dict.fromkeys(_NAMES, _URL),
    **dict.fromkeys(("no_proxy", "NO_PROXY", "npm_config_noproxy"), ""),
}
"""Variables that direct package managers to the proxy and override the image's settings."""

_CHUNK = 64 * 1024
_BACKLOG = 128
_START_SECONDS = 10.0
_RESOLVERS = 8
_LINGER = 2.0


@dataclass(frozen=True, slots=True)
class EgressLimits:
    """Limits for a container: concurrent connections, and seconds for each step of one.

    `head`: reading the request; `dial`: resolving and connecting; `idle`: no byte in either
    direction; `total`: one connection as a whole.
    """

    connections: int = 128
    head: float = 10.0
    dial: float = 30.0
    idle: float = 120.0
    total: float = 1800.0


class ByteBudget:
    """The number of bytes that all containers of one run may move through their proxies."""

    def __init__(self, most: int = 32 << 30) -> None:
        self.most = most
        self._left = most
        self._lock = threading.Lock()

    @property
    def spent(self) -> bool:
        """Whether the budget is used up."""
        return self._left <= 0

    def take(self, size: int) -> bool:
        """Take `size` bytes; return False if the budget is used up."""
        with self._lock:
            self._left -= size
            return self._left >= 0


@dataclass(slots=True)
class _Line:
    """State of a connection: the time of its last byte."""

    moved: float = field(default_factory=time.monotonic)


Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
Streams = tuple[Reader, Writer]
Place = tuple[str, int]


class EgressProxy:
    """A proxy that listens once it is created; `close` ends all connections and the thread."""

    def __init__(
        self,
        network: Namespace,
        policy: EgressPolicy,
        budget: ByteBudget,
        limits: EgressLimits | None = None,
        context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        """Start the proxy; raise ToolError if it does not start.

        `context` creates the TLS context for an upstream with TLS.
        """
        self._policy = policy
        self._budget = budget
        self._limits = limits or EgressLimits()
        self._context = context
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._open: set[asyncio.Task[None]] = set()
        self._serving = False
        self._pool = ThreadPoolExecutor(_RESOLVERS, "egress-names")
        self._ready = threading.Event()
        self._listener = _listen(network)
        self._thread = threading.Thread(target=self._run, name="egress", daemon=True)
        self._thread.start()
        if not self._ready.wait(_START_SECONDS) or not self._serving:
            self.close()
            msg = "starting the proxy for package managers: it does not start"
            raise ToolError(msg)

    def close(self) -> None:
        """End the proxy; idempotent."""
        if self._loop is not None and self._end is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(_START_SECONDS)
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._listener.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._listen())
        finally:
            self._ready.set()
            self._listener.close()

    async def _listen(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(
            self._accepted,
            sock=self._listener,
            limit=_CHUNK,
            backlog=_BACKLOG,
        )
        self._serving = True
        self._ready.set()
        await self._end.wait()
        server.close()
        for task in (open_now := list(self._open)):
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)

    # --- one connection

    def _accepted(self, reader: Reader, writer: Writer) -> None:
        if len(self._open) >= self._limits.connections:
            writer.transport.abort()  # an answer would keep the descriptor open for longer
            return
        task = asyncio.ensure_future(self._serve((reader, writer)))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, inside: Streams) -> None:
        outside: list[Writer] = []
        try:
            async with asyncio.timeout(self._limits.total):
                await self._exchange(inside, outside)
            await _close(inside[1], *outside)
        except RefusedRequestError as error:
            with contextlib.suppress(OSError, TimeoutError):
                await _answer(inside, error)
        except (OSError, TimeoutError):
            pass  # a side is gone, or was too slow: both connections end
        finally:
            for each in (inside[1], *outside):
                each.transport.abort()

    async def _exchange(self, inside: Streams, outside: list[Writer]) -> None:
        request = await self._request(inside[0])
        if self._budget.spent:
            raise RefusedRequestError(507, f"the {self._budget.most} bytes of a run are used up")
        there = await self._connected(request, outside)
        if request.tunnel:
            inside[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await self._carry_both(inside, there)
        else:
            await self._carry(there[0], inside[1], _Line())
            async with asyncio.timeout(_LINGER):
                await _drop(inside[0])

    async def _request(self, reader: Reader) -> Request:
        head = RequestReader()
        try:
            async with asyncio.timeout(self._limits.head):
                while data := await reader.read(MAX_HEAD):
                    if (found := head.feed(data)) is not None:
                        return found
        except TimeoutError as error:
            why = f"a request must be sent in {self._limits.head:g} s"
            raise RefusedRequestError(408, why) from error
        raise RefusedRequestError(400, "the connection was closed within a request")

    async def _connected(self, request: Request, outside: list[Writer]) -> Streams:
        """Connect, and send the request's head."""
        upstream = self._policy.upstream(request)
        try:
            async with asyncio.timeout(self._limits.dial):
                loop = asyncio.get_running_loop()
                where = await loop.run_in_executor(self._pool, self._policy.addresses, request)
                if upstream is None:
                    there = await self._dial([(each.address, each.port) for each in where])
                else:
                    there = await self._dial([(upstream.host, upstream.port)], upstream)
                outside.append(there[1])
                await self._introduce(request, upstream, there)
        except TimeoutError as error:
            why = f"{request.host}: no connection in {self._limits.dial:g} s"
            raise RefusedRequestError(504, why) from error
        return there

    async def _dial(self, where: list[Place], upstream: Upstream | None = None) -> Streams:
        tls = self._context() if upstream is not None and upstream.tls else None
        trouble = "it has no address"
        for host, port in where:
            try:
                async with asyncio.timeout(self._limits.dial / 3):  # another address may answer
                    return await asyncio.open_connection(host, port, limit=_CHUNK, ssl=tls)
            except OSError as error:
                trouble = error.strerror or str(error) or "no answer"
        raise RefusedRequestError(502, f"{where[0][0] if where else 'the host'}: {trouble}")

    async def _introduce(self, request: Request, upstream: Upstream | None, there: Streams) -> None:
        if upstream is None:
            if not request.tunnel:
                there[1].write(request.head(request.path))
            return
        target = request.authority if request.tunnel else absolute(request)
        there[1].write(request.head(target, *upstream.headers))
        if request.tunnel:
            await _tunnelled(there[0], upstream)

    # --- bytes

    async def _carry_both(self, inside: Streams, there: Streams) -> None:
        line = _Line()
        ways = [
            asyncio.ensure_future(self._carry(inside[0], there[1], line)),
            asyncio.ensure_future(self._carry(there[0], inside[1], line)),
        ]
        try:
            await asyncio.gather(*ways)
        finally:
            for each in ways:
                each.cancel()

    async def _carry(self, source: Reader, sink: Writer, line: _Line) -> None:
        """Forward one direction to its end and leave the other one open."""
        while data := await self._read(source, line):
            line.moved = time.monotonic()
            if not self._budget.take(len(data)):
                msg = "the byte budget is used up"
                raise TimeoutError(msg)
            sink.write(data)
            async with asyncio.timeout(self._limits.idle):
                await sink.drain()
        with contextlib.suppress(OSError):
            sink.write_eof() if sink.can_write_eof() else sink.close()  # TLS has no half-close

    async def _read(self, source: Reader, line: _Line) -> bytes:
        """Read a chunk; raise TimeoutError if neither direction moved for `idle` seconds."""
        while True:
            left = line.moved + self._limits.idle - time.monotonic()
            if left <= 0:
                raise TimeoutError
            with contextlib.suppress(TimeoutError):
                return await asyncio.wait_for(source.read(_CHUNK), left)


def _listen(network: Namespace) -> socket.socket:
    """Create the listening socket in the namespace, in a thread that ends there."""

    def make() -> socket.socket:
        enter(network.descriptor)
        return socket.create_server(ADDRESS, backlog=_BACKLOG)

    try:
        made = in_own_thread("egress-socket", make)
    except OSError as error:
        msg = (
            f"starting the proxy for package managers in the container's network: {error.strerror}"
        )
        raise ToolError(msg) from error
    made.setblocking(False)  # noqa: FBT003 — the standard library's signature
    return made


async def _tunnelled(reader: Reader, upstream: Upstream) -> None:
    """Read an upstream's answer to CONNECT; raise RefusedRequestError unless it is 200."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        head = b""
    line = head.split(b"\r\n", 1)[0].decode("latin-1")
    words = line.split(" ", 2)
    if not words[0].startswith("HTTP/1.") or words[1:2] != ["200"]:
        said = " ".join(words[1:]) or "nothing that is HTTP"
        proxy = f"this machine's proxy {upstream.host}:{upstream.port}"
        raise RefusedRequestError(502, f"{proxy} answered {said}")


async def _answer(inside: Streams, error: RefusedRequestError) -> None:
    """Answer with an error."""
    # The reason is in the status line, too: package managers show that.
    reader, writer = inside
    body = f"careen: {error.reason}\n".encode("ascii")
    lines = (
        f"HTTP/1.1 {error.status} careen: {error.reason}",
        "Content-Type: text/plain",
        f"Content-Length: {len(body)}",
        "Connection: close\r\n\r\n",
    )
    writer.write("\r\n".join(lines).encode("ascii") + body)
    async with asyncio.timeout(_LINGER):
        await writer.drain()
        writer.write_eof()
        await _drop(reader)


async def _close(*writers: Writer) -> None:
    """Close connections whose last bytes may not have been sent yet."""
    async with asyncio.timeout(_LINGER):
        for each in writers:
            each.close()
        for each in writers:
            await each.wait_closed()


async def _drop(reader: Reader) -> None:
    """Read to the end."""
    # Closing with unread data would reset the connection and lose the answer.
    while await reader.read(_CHUNK):
        pass
