"""Arguments of `docker run -p`."""

import re
from dataclasses import dataclass

from careen.errors import InputError

MAX_PORT = 65535
_SYNTAX = re.compile(
    r"(?:(?:(?P<address>\[[0-9A-Fa-f:.]+\]|[0-9.]+):)?(?P<host>\d{1,9}(?:-\d{1,9})?)?:)?(?P<inside>\d{1,9}(?:-\d{1,9})?)(?:/(?P<protocol>tcp|udp|sctp))?\Z",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Publication:
    """Container ports published at host ports.

    `host` is None for free ports. It has the length of `inside`; for a single inside port it may be
    longer, and one of its ports is used. `address` is "" for the engine's default.
    """

    address: str
    host: range | None
    inside: range
    protocol: str


def parse_publication(text: str) -> Publication:
    """Parse `[[address:][host]:]container[/protocol]`; ports may be ranges.

    Raises InputError for what docker would refuse.
    """
    match = _SYNTAX.match(text)
    if match is None:
        msg = (
            f"not a port to publish: {text!r}; expected [[ip:]host:]container[/tcp], like '8080:80'"
        )
        raise InputError(msg)
    inside = _span(match["inside"], 1, text)
    host = _span(match["host"], 0, text) if match["host"] else None
    if host is not None and len(host) != len(inside) and len(inside) > 1:
        msg = f"port ranges differ in length: {text!r}"
        raise InputError(msg)
    return Publication(
        (match["address"] or "").strip("[]"), host, inside, match["protocol"] or "tcp"
    )


def _span(text: str, least: int, whole: str) -> range:
    first, _, last = text.partition("-")
    low, high = int(first), int(last or first)
    if not least <= low <= high <= MAX_PORT:
        msg = f"port out of range: {whole!r}; expected {least} to {MAX_PORT}"
        raise InputError(msg)
    return range(low, high + 1)
