"""HTTP transport to checked addresses, for what an image's configuration makes careen fetch.

It connects to the very address that was checked, so that a name server cannot answer differently
the second time. The name stays in `Host` and in TLS, where the certificate must match it.
"""

import contextlib
import ssl
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore
import httpx

from careen.tools.addresses import (
    Lookup,
    Permit,
    resolve,
)

# A client's timeout is for each read: a head of one byte at a time would take days.
HEAD_SECONDS = 60.0
"""Seconds until an answer must have begun."""

MAX_ADDRESSES = 4
"""Addresses of one host that are tried, each with its own timeout."""

_HEAD_BYTES = 128 << 10  # httpcore reads at most 100 KiB of head
_SocketOptions = Iterable[
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
]


class GuardedBackend(httpcore.NetworkBackend):
    """Backend that resolves a host once and checks every address before it connects.

    Raises RefusedAddressError.
    """

    def __init__(self, permit: Permit, lookup: Lookup, wire: httpcore.NetworkBackend) -> None:
        self._permit = permit
        self._lookup = lookup
        self._wire = wire

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to a checked address of the host."""
        try:
            found = resolve(host, port, self._permit, self._lookup)
        except OSError as error:
            msg = f"{host}: {error.strerror or error}"
            raise httpcore.ConnectError(msg) from error
        failed: Exception = httpcore.ConnectError(f"{host}: has no address")
        for each in found[:MAX_ADDRESSES]:
            try:
                stream = self._wire.connect_tcp(
                    each.address, port, timeout, local_address, socket_options
                )
                return _DeadlineStream(stream)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed


class _DeadlineStream(httpcore.NetworkStream):
    """Connection that times out unless `_HEAD_BYTES` come within `HEAD_SECONDS` of a request."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._since = time.monotonic()
        self._read = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._since + HEAD_SECONDS - time.monotonic()
        if self._read < _HEAD_BYTES:
            if left <= 0:
                msg = f"no answer after {HEAD_SECONDS:g} s"
                raise httpcore.ReadTimeout(msg)
            timeout = left if timeout is None else min(left, timeout)
        data = self._stream.read(max_bytes, timeout)
        self._read += len(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)
        self._since, self._read = time.monotonic(), 0

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class GuardedTransport(httpx.BaseTransport):
    """Transport that connects directly, through a `GuardedBackend`."""

    def __init__(self, context: ssl.SSLContext, backend: GuardedBackend) -> None:
        self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Raises RefusedAddressError, and the errors of httpx."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        asked = httpcore.Request(
            request.method,
            url,
            headers=request.headers.raw,
            content=request.read(),
            extensions=request.extensions,
        )
        with _errors_of_httpx():
            answer = self._pool.handle_request(asked)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class ProxiedTransport(httpx.BaseTransport):
    """Transport through the user's proxy, which resolves names itself."""

    def __init__(self, proxy: httpx.BaseTransport, permit: Permit, lookup: Lookup) -> None:
        self._proxy = proxy
        self._permit = permit
        self._lookup = lookup

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Check the host as far as that is possible here, and pass the request to the proxy."""
        host, port = request.url.host, request.url.port or _PORTS.get(request.url.scheme, 0)
        if not self._permit.allows(host, port):
            with contextlib.suppress(OSError):  # behind a proxy there may be no name server at all
                resolve(host, port, self._permit, self._lookup)
        return self._proxy.handle_request(request)

    def close(self) -> None:
        self._proxy.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _errors_of_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


_PORTS = {"http": 80, "https": 443}


@contextlib.contextmanager
def _errors_of_httpx() -> Iterator[None]:
    """Raise httpcore's errors as those of httpx, which have the same names."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProxyError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
    ) as error:
        kind = getattr(httpx, type(error).__name__)
        raise kind(str(error)) from error
