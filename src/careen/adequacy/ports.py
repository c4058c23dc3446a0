"""Coverage of the image's exposed TCP ports by listeners and test connections."""

from collections.abc import Collection, Iterable, Mapping

from careen.model.adequacy import Part
from careen.model.publish import MAX_PORT
from careen.model.runs.trace import Endpoint

_TITLE = "ports"
_INTERNET = ("inet", "inet6")


def judge_ports(
    exposed: Collection[str],
    endpoints: Iterable[Endpoint],
    connections: Mapping[int, int] | None,
    uncounted: Collection[int] = (),
) -> Part:
    """Return the coverage of the image's exposed ports (`8080/tcp`, as in its config).

    `connections` counts connections by port, None if they were not counted. In that case, and for
    the ports in `uncounted`, a listener is enough. UDP ports are not judged.
    """
    ports = sorted({port for text in exposed if (port := _tcp(text)) is not None})
    if not ports:
        return Part(
            "ports", _TITLE, None, None, None, why="the image exposes no TCP port", counts=False
        )
    bound = {
        endpoint.port
        for endpoint in endpoints
        if endpoint.direction == "bind" and endpoint.family in _INTERNET
    }
    lacks = {
        port: lack
        for port in ports
        if (lack := _lack(port, bound, None if port in uncounted else connections))
    }
    missing = tuple(f"{port}/tcp ({lack})" for port, lack in lacks.items())
    covered = len(ports) - len(missing)
    why = (
        ""
        if connections is not None
        else "connections were not counted: listening ports count instead"
    )
    return Part(
        "ports", _TITLE, covered / len(ports), covered, len(ports), missing, why, counts=False
    )


def _lack(port: int, bound: Collection[int], connections: Mapping[int, int] | None) -> str:
    if port not in bound:
        return "nothing listened"
    return "no test connected" if connections is not None and not connections.get(port, 0) else ""


def _tcp(text: str) -> int | None:
    """Return the port of `8080` or `8080/tcp`, None for a range, another protocol or no port."""
    number, _, protocol = text.partition("/")
    if (
        protocol.lower() not in ("", "tcp")
        or not (number.isascii() and number.isdigit())
        or len(number) > len(str(MAX_PORT))
        or not 0 < int(number) <= MAX_PORT
    ):
        return None
    return int(number)
