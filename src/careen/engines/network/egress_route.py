"""Routing of the egress proxy: to a checked address, or to the user's own proxy."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from careen.engines.network.egress_request import RefusedRequestError, Request, bracketed
from careen.errors import InputError, ToolError
from careen.tools.addresses import (
    Permit,
    RefusedAddressError,
    Resolved,
    plain_host,
    refusal_of_name,
    resolve,
)

_ADDRESS = re.compile(r" \([0-9A-Fa-f:.]{2,45}(%[^()]{1,64})?\)")
PUBLIC_PORTS = frozenset({80, 443})
_DEFAULT_PORTS = {"http": 80, "https": 443}
Resolve = Callable[[str, int, Permit], tuple[Resolved, ...]]


@dataclass(frozen=True, slots=True)
class Upstream:
    """A proxy of the user's machine; `authorization` is its header, or ""."""

    host: str
    port: int
    tls: bool
    authorization: str = field(default="", repr=False)

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The headers that it needs with each request."""
        return (("Proxy-Authorization", self.authorization),) if self.authorization else ()


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """What a container may reach: public addresses at ports 80 and 443, and `permit`.

    `upstreams` are the machine's proxies by scheme (`http`, `https`); `direct` are hosts to reach
    without them, as in `no_proxy`. Tests replace `resolve`.
    """

    permit: Permit = field(default_factory=Permit)
    upstreams: Mapping[str, Upstream] = field(default_factory=dict)
    direct: tuple[str, ...] = ()
    resolve: Resolve = resolve

    def upstream(self, request: Request) -> Upstream | None:
        """Return the proxy for a request, or None to connect directly."""
        found = self.upstreams.get("https" if request.tunnel else "http")
        return None if found is None or _is_direct(request.host, self.direct) else found

    def addresses(self, request: Request) -> tuple[Resolved, ...]:
        """Return the addresses to connect to; blocks while names are resolved.

        Raises RefusedRequestError for a forbidden port or address and for an unknown name. For a
        request through an upstream, an unknown name gives no addresses instead.
        """
        host, port = request.host, request.port
        if not self.permit.allows(host, port):
            _refuse_unnamed(host, port)
        try:
            return self.resolve(host, port, self.permit)
        except RefusedAddressError as error:
            # Leave out the address: an image must not learn what names of this network resolve to.
            why = _ADDRESS.sub("", str(error).rpartition(": ")[0])
            raise RefusedRequestError(403, f"{why}: {_NAME_IT}") from error
        except ToolError as error:  # this machine's own addresses could not be read
            raise RefusedRequestError(502, str(error)) from error
        except (OSError, UnicodeError) as error:
            if self.upstream(request) is not None:
                return ()
            raise RefusedRequestError(502, f"{host}: no such host") from error


_NAME_IT = "only a source that you name (--source, --index-url, --allow-host) may be there"


def _refuse_unnamed(host: str, port: int) -> None:
    if port not in PUBLIC_PORTS:
        raise RefusedRequestError(403, f"port {port} of {host}: {_NAME_IT}")
    if why := refusal_of_name(host):
        raise RefusedRequestError(403, f"{host} {why}: {_NAME_IT}")


def _is_direct(host: str, direct: tuple[str, ...]) -> bool:
    plain = plain_host(host)
    if plain in ("localhost", "::1") or plain.startswith("127."):
        return True  # no other machine's proxy leads there
    words = (plain_host(each.strip().lstrip(".")) for each in direct)
    return any(word in ("*", plain) or plain.endswith(f".{word}") for word in words if word)


def upstream_of(url: str) -> Upstream:
    """Parse a proxy's URL as in `https_proxy`.

    Raises InputError; its message holds no credentials.
    """
    text = url if "://" in url else f"http://{url}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        msg = (
            "the proxy in http_proxy, https_proxy or all_proxy: expected http://HOST:PORT or "
            "https://HOST:PORT; give one with --patch-env, or use --host-network"
        )
        raise InputError(msg)
    return Upstream(
        parts.hostname,
        port or _DEFAULT_PORTS[parts.scheme],
        tls=parts.scheme == "https",
        authorization=_basic(parts.username, parts.password),
    )


def _basic(name: str | None, word: str | None) -> str:
    if name is None:
        return ""
    pair = f"{unquote(name)}:{unquote(word or '')}".encode()
    return f"Basic {base64.b64encode(pair).decode('ascii')}"


def absolute(request: Request) -> str:
    """Return the request target in absolute form, for a proxy."""
    port = "" if request.port == _DEFAULT_PORTS["http"] else f":{request.port}"
    return f"http://{bracketed(request.host)}{port}{request.path}"
