"""Bounded record of the exchanges through the relay."""

from careen.model.runs.workload import Exchange

FIRST = 10_000
DISTINCT = 10_000


class ExchangeLog:
    """The first 10,000 exchanges, and up to 10,000 later ones of new kinds.

    A kind is the port, method, path and status.
    """

    def __init__(self) -> None:
        self.connections: dict[int, int] = {}
        self._exchanges: list[Exchange] = []
        self._kinds: set[tuple[int, str, str, int | None]] = set()

    def connected(self, port: int) -> None:
        """Count a connection to a port of the container."""
        self.connections[port] = self.connections.get(port, 0) + 1

    def record(self, exchange: Exchange) -> None:
        """Keep an exchange, if there is room for it."""
        kind = (exchange.port, exchange.method, exchange.path, exchange.status)
        if len(self._exchanges) < FIRST or (
            kind not in self._kinds and len(self._exchanges) < FIRST + DISTINCT
        ):
            self._kinds.add(kind)
            self._exchanges.append(exchange)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The kept exchanges, sorted by their start."""
        return tuple(sorted(self._exchanges, key=lambda exchange: exchange.begun))
