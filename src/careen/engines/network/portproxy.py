"""Published ports of the embedded engine: a TCP proxy into the container's namespace.

The proxy's thread enters the namespace. The listening sockets are created outside before, since a
socket belongs to the namespace in which it was created.
"""

import contextlib
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from careen.engines.network.namespace import Namespace, enter
from careen.errors import InputError, ToolError
from careen.tools.forward import Forwarder, Listener, listen

_INSIDE = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Published:
    """A TCP port of the container and the host address that leads to it.

    `host_port` 0 takes a free port.
    """

    address: str
    host_port: int
    port: int


def _listen(wanted: Published) -> socket.socket:
    try:
        return listen(wanted.address, wanted.host_port)
    except OSError as error:
        msg = (
            f"publishing port {wanted.port} at {wanted.address}:{wanted.host_port}:"
            f" {error.strerror}; choose another one with -p"
        )
        raise InputError(msg) from error


class PortProxy:
    """A proxy that listens once it is created; `close` ends all connections and the thread."""

    def __init__(self, network: Namespace, wanted: Sequence[Published]) -> None:
        """Bind all ports or none; raise InputError if a port is not available."""
        with contextlib.ExitStack() as stack:
            listeners = [
                Listener(stack.enter_context(_listen(each)), each.port, _INSIDE) for each in wanted
            ]
            self.published = tuple(
                Published(each.address, int(listener.socket.getsockname()[1]), each.port)
                for each, listener in zip(wanted, listeners, strict=True)
            )
            try:
                self._forwarder = Forwarder(listeners, "ports", lambda: enter(network.descriptor))
            except OSError as error:
                msg = f"publishing ports: {error.strerror}"
                raise ToolError(msg) from error
            stack.pop_all()

    def close(self) -> None:
        """End the proxy and its thread, so that nothing holds the namespace; idempotent."""
        self._forwarder.close()
