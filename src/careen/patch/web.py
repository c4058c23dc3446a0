"""The HTTP client for what careen itself fetches: with the user's proxies and certificates, and nothing of careen's own environment."""

import ssl
from collections.abc import Callable, Mapping

import httpx

from careen.model.patching import PatchChoices

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def proxies_of(choices: PatchChoices) -> Mapping[str, str]:
    """Return the user's words on proxies by their names in lower case."""
    words = (word.partition("=") for word in choices.environment)
    return {name.lower(): value for name, equals, value in words if equals and value and name.lower() in _PROXIES}


def open_client(
    context: ssl.SSLContext, proxies: Mapping[str, str], timeout: httpx.Timeout, before: Callable[[httpx.Request], None] | None = None
) -> httpx.Client:
    """Return a client that follows redirects; `before` is called with each request."""
    by_scheme = {f"{name.removesuffix('_proxy')}://": value for name, value in proxies.items() if name != "no_proxy"}
    direct = [host.strip() for host in proxies.get("no_proxy", "").split(",") if host.strip()] if by_scheme else []
    mounts: Mapping[str, httpx.HTTPTransport | None] = {
        **{pattern: httpx.HTTPTransport(proxy=value, verify=context) for pattern, value in by_scheme.items()},
        **{f"all://{host}": None for host in direct},
    }
    hooks = {"request": [before]} if before is not None else {}
    return httpx.Client(verify=context, timeout=timeout, follow_redirects=True, trust_env=False, mounts=mounts, event_hooks=hooks)
