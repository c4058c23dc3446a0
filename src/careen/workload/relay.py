"""A relay between the tests and the container's ports, which records the tests' requests.

Bytes, half-closes and resets pass as `tools.forward` describes.
"""

import contextlib
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Self

from careen.errors import ToolError
from careen.model.runs.workload import Exchange
from careen.tools.forward import Forwarder, Listener, listen
from careen.workload.http_watch import HttpConnectionParser
from careen.workload.ledger import ExchangeLog


class Relay:
    """A relay that listens once it is created, on one port of 127.0.0.1 for each target.

    `close` ends all connections and the thread.
    """

    def __init__(self, targets: Mapping[int, int]) -> None:
        """`targets` maps the container's ports to the ports of 127.0.0.1 that lead to them.

        Raises ToolError if it cannot listen.
        """
        self._ledger = ExchangeLog()
        self._ledger.connections.update(dict.fromkeys(targets, 0))
        try:
            with contextlib.ExitStack() as stack:
                listeners = [
                    Listener(
                        stack.enter_context(listen("127.0.0.1", 0)),
                        target,
                        observe=partial(self._observe, port),
                    )
                    for port, target in targets.items()
                ]
                self.ports: Mapping[int, int] = {
                    port: listener.socket.getsockname()[1]
                    for port, listener in zip(targets, listeners, strict=True)
                }
                self._forwarder = Forwarder(listeners, "careen-relay")
                stack.pop_all()
        except OSError as error:
            msg = f"listening on 127.0.0.1 for the tests: {error.strerror}"
            raise ToolError(msg) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all connections; the record stays available; idempotent."""
        self._forwarder.close()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The HTTP requests by their start, limited by `ExchangeLog`; use after `close`."""
        return self._ledger.exchanges

    @property
    def connections(self) -> Mapping[int, int]:
        """The number of connections to each port of the container; use after `close`."""
        return dict(self._ledger.connections)

    def _observe(self, port: int) -> HttpConnectionParser:
        self._ledger.connected(port)
        return HttpConnectionParser(port, self._ledger.record)
