"""The syntax of `--ready`, and its default for an image."""

import ipaddress
import re
from urllib.parse import urlsplit

from careen.errors import InputError
from careen.model.image import ImageConfig
from careen.model.runs.linear_pattern import linear_pattern
from careen.model.runs.workload import (
    Ready,
    ReadyCommand,
    ReadyDefault,
    ReadyExit,
    ReadyHealthcheck,
    ReadyLog,
    ReadyTcp,
    ReadyUrl,
)

ALLOWED = "a URL or path (/health), tcp:PORT, log:REGEX, cmd:COMMAND or exit"
MAX_PORT = 65535


def parse_ready(text: str) -> Ready:
    """Parse the value of `--ready`; raise InputError that says what is allowed."""
    kind, colon, rest = text.partition(":")
    if text == "exit":
        return ReadyExit()
    if text.startswith("/") or kind in ("http", "https"):
        return ReadyUrl(_checked_url(text))
    match kind if colon else "":
        case "tcp":
            return ReadyTcp(_port(rest, text))
        case "log":
            return ReadyLog(_pattern(rest, text))
        case "cmd" if rest.strip():
            return ReadyCommand(rest)
        case _:
            msg = f"not a readiness check: {text!r}; expected {ALLOWED}"
            raise InputError(msg)


def _port(rest: str, text: str) -> int:
    if not (re.fullmatch(r"\d{1,5}", rest, re.ASCII) and 0 < int(rest) <= MAX_PORT):
        msg = (
            f"not a port: {text!r}; expected tcp:PORT with a port of the container, 1 to {MAX_PORT}"
        )
        raise InputError(msg)
    return int(rest)


def _pattern(rest: str, text: str) -> str:
    linear_pattern(rest)
    if not rest:
        msg = (
            f"no regular expression: {text!r}; expected log:REGEX that a line of the container's"
            " output matches"
        )
        raise InputError(msg)
    return rest


def _checked_url(text: str) -> str:
    if any(ord(char) <= ord(" ") for char in text):
        msg = f"not a URL: {text!r}: holds a space or a control character"
        raise InputError(msg)
    if text.startswith("/"):
        return text
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        msg = f"not a URL: {text!r}: {error}"
        raise InputError(msg) from error
    if not host or not _is_local(host):
        msg = (
            f"readiness URL of another machine: {text!r}; expected http://localhost:PORT/… with a"
            " port of the container, or a path like /health"
        )
        raise InputError(msg)
    return text


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def url_port(url: str) -> int | None:
    """Return the container port in a readiness URL, or None for the first port."""
    return None if url.startswith("/") else urlsplit(url).port


def settle_ready(ready: Ready, config: ImageConfig, ports: tuple[int, ...]) -> Ready:
    """Return the check to use: the default becomes the HEALTHCHECK, else one of `ports`.

    The default stays if there are several ports. Raises InputError if the image has neither a
    HEALTHCHECK nor ports, or for a URL without a port if there are no ports.
    """
    match ready:
        case ReadyDefault():
            healthcheck = config.healthcheck
            if healthcheck is not None:
                return ReadyHealthcheck(healthcheck)
            if ports:
                return ReadyTcp(ports[0]) if len(ports) == 1 else ready
            msg = (
                "the image has no HEALTHCHECK and exposes no port: say when the workload is ready"
                f" with --ready {ALLOWED}"
            )
            raise InputError(msg)
        case ReadyUrl(url) if url_port(url) is None and not ports:
            msg = (
                f"readiness URL {url!r}: the image exposes no port; name one in the URL, or publish"
                " one with -p"
            )
            raise InputError(msg)
        case _:
            return ready
