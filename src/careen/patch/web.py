"""HTTP client for what careen itself fetches, with the user's proxies and certificates.

It ignores careen's own environment.
"""

import re
import socket
import ssl
from collections.abc import Mapping

import httpcore
import httpx

from careen.model.patching import PatchChoices
from careen.patch.guarded_transport import GuardedBackend, GuardedTransport, ProxiedTransport
from careen.tools.addresses import Lookup, Permit

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_URL = re.compile(r"https?://[^\s'\",]+")

ADVICE = "name it with --index-url, --find-links or --maven, or its host with --allow-host"
"""Advice on an address that is refused."""


def proxies_of(choices: PatchChoices) -> Mapping[str, str]:
    """Return the user's proxy settings by their names in lower case."""
    words = (word.partition("=") for word in choices.environment)
    return {
        name.lower(): value
        for name, equals, value in words
        if equals and value and name.lower() in _PROXIES
    }


def permit_of(choices: PatchChoices) -> Permit:
    """Return the hosts that the user named: by --allow-host, and by any address but a proxy's."""
    words = (word.partition("=") for word in choices.environment)
    said = [value for name, _, value in words if name.lower() not in _PROXIES]
    said += [
        choices.python_index,
        choices.python_default,
        *choices.find_links,
        choices.maven,
        choices.npm_registry,
    ]
    addresses = [url for text in (*said, *choices.sources) for url in _URL.findall(text)]
    return Permit.of((*addresses, *(f"//{host}" for host in choices.allowed_hosts)))


def open_client(
    context: ssl.SSLContext,
    proxies: Mapping[str, str],
    timeout: httpx.Timeout,
    permit: Permit,
    lookup: Lookup = socket.getaddrinfo,
) -> httpx.Client:
    """Return a client that connects only to global addresses or those in `permit`.

    It uses the proxies or connects directly.
    """
    by_scheme = {
        f"{name.removesuffix('_proxy')}://": value
        for name, value in proxies.items()
        if name != "no_proxy"
    }
    direct = (
        [host.strip() for host in proxies.get("no_proxy", "").split(",") if host.strip()]
        if by_scheme
        else []
    )
    mounts: Mapping[str, httpx.BaseTransport | None] = {
        **{
            pattern: ProxiedTransport(
                httpx.HTTPTransport(proxy=value, verify=context), permit, lookup
            )
            for pattern, value in by_scheme.items()
        },
        **{f"all://{host}": None for host in direct},
    }
    transport = GuardedTransport(context, GuardedBackend(permit, lookup, httpcore.SyncBackend()))
    return httpx.Client(transport=transport, timeout=timeout, trust_env=False, mounts=mounts)
