"""Port publication (`-p`) for engines that do it themselves."""

from careen.engines.network.portproxy import Published
from careen.errors import InputError
from careen.model.publish import parse_publication
from careen.model.runs.workload import RunOptions

_MAX_PORTS = 256
LOCAL = "127.0.0.1"


def published(text: str) -> tuple[Published, ...]:
    """Return each port of one `-p` value.

    Without an address the port is bound to 127.0.0.1 only; docker would bind it to all addresses.
    Raises InputError, also for UDP.
    """
    wanted = parse_publication(text)
    if wanted.protocol != "tcp":
        msg = (
            f"-p {text!r}: the embedded engine publishes tcp only, not {wanted.protocol!r}; use"
            " --engine docker"
        )
        raise InputError(msg)
    if wanted.host is not None and len(wanted.host) != len(wanted.inside):
        msg = (
            f"-p {text!r}: {len(wanted.host)} host ports for one container port; the embedded"
            " engine needs one: name it, or none for a free one"
        )
        raise InputError(msg)
    if len(wanted.inside) > _MAX_PORTS:
        msg = (
            f"-p {text!r}: the embedded engine publishes ranges of up to {_MAX_PORTS} ports; use"
            " --engine docker"
        )
        raise InputError(msg)
    return tuple(
        Published(wanted.address or LOCAL, wanted.host[i] if wanted.host else 0, port)
        for i, port in enumerate(wanted.inside)
    )


def wanted_publications(options: RunOptions, ports: tuple[int, ...]) -> tuple[Published, ...]:
    """Return the ports of `-p`, then a free port of 127.0.0.1 for each of `ports`.

    Raises InputError.
    """
    return (
        *(each for text in options.ports for each in published(text)),
        *(Published(LOCAL, 0, port) for port in ports),
    )
