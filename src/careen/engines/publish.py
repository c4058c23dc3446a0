"""The words after `-p`, for an engine that cannot leave them to docker."""

import re

from careen.engines.portproxy import Published
from careen.errors import InputError

_SYNTAX = re.compile(r"(?:(?:(?P<address>\[[0-9a-fA-F:]+\]|[0-9.]+):)?(?P<host>\d+(?:-\d+)?)?:)?(?P<inside>\d+(?:-\d+)?)(?:/(?P<protocol>\w+))?\Z", re.ASCII)
_MAX_PORT = 65535
_MAX_PORTS = 256
LOCAL = "127.0.0.1"


def _range(text: str, where: str) -> range:
    first, _, last = text.partition("-")
    found = range(int(first), int(last or first) + 1)
    if not found or found[-1] > _MAX_PORT or (found[0] == 0 and where == "container") or len(found) > _MAX_PORTS:
        msg = f"-p: not a {where} port or a range of up to {_MAX_PORTS} of them: {text!r}"
        raise InputError(msg)
    return found


def published(text: str) -> tuple[Published, ...]:
    """Read `[[address:][hostPort]:]containerPort[/tcp]`, ports or ranges of one length.

    Without an address the port is bound to 127.0.0.1 only (docker would open it to the network). UDP is refused. Raises InputError.
    """
    match = _SYNTAX.match(text)
    if match is None:
        msg = f"-p {text!r}: expected [[address:][host port]:]container port[/tcp]"
        raise InputError(msg)
    protocol = match["protocol"] or "tcp"
    if protocol != "tcp":
        msg = f"-p {text!r}: the embedded engine publishes tcp only, not {protocol!r}; use --engine docker"
        raise InputError(msg)
    inside = _range(match["inside"], "container")
    outside = _range(match["host"], "host") if match["host"] else None
    if outside is not None and len(outside) != len(inside):
        msg = f"-p {text!r}: {len(outside)} host ports for {len(inside)} container ports"
        raise InputError(msg)
    address = (match["address"] or LOCAL).strip("[]")
    return tuple(Published(address, outside[i] if outside else 0, port) for i, port in enumerate(inside))
