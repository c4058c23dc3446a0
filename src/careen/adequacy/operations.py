"""Which of the service's OpenAPI operations the tests called."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from careen.model.adequacy import Part
from careen.model.workload import Exchange

MAX_OPERATIONS = 2_000  # an image may describe as many as it likes; those beyond are not judged, and their number is told
MAX_REQUESTS = 20_000  # distinct methods and paths
MAX_MISSING = 200
_FAILURE = 500
_REFUSAL = 400
_TITLE = "operations"


@dataclass(frozen=True, slots=True)
class Called:
    """The part, the operations that the tests called (None: unknown), and those of them that never gave anything but a refusal (4xx)."""

    part: Part
    operations: frozenset[str] | None = None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Route:
    """A path template as its segments: literal text, or what stands before and after a parameter."""

    operation: str
    segments: tuple[str | tuple[str, str], ...]

    def fits(self, segments: Sequence[str]) -> bool:
        return all(_fits(mine, theirs) for mine, theirs in zip(self.segments, segments, strict=True))

    @property
    def parameters(self) -> int:
        return sum(isinstance(segment, tuple) for segment in self.segments)


@dataclass(slots=True)
class _Routes:
    """Routes by method and number of segments, the more literal ones first."""

    by_shape: dict[tuple[str, int], list[_Route]] = field(default_factory=dict)

    def find(self, method: str, path: str) -> str | None:
        segments = [unquote(part) for part in path.split("/")]
        routes = self.by_shape.get((method.upper(), len(segments)), ())
        return next((route.operation for route in routes if route.fits(segments)), None)


def judge_operations(operations: Collection[str] | None, exchanges: Iterable[Exchange], blind: str) -> Called:
    """Compare the operations ("POST /embed", "GET /items/{id}"; None: not known) with the requests that the tests sent.

    An operation is covered when a request to it got any answer below 500: a refusal shows at least that it is there and checks what it is given. `blind` says
    why requests may be missing among the exchanges ("" when all were seen): then a share below 1 is not known, since what seems missing may have been called.
    """
    if operations is None:
        return Called(Part("operations", _TITLE, None, None, None, why="the service's OpenAPI document was not read"))
    if not operations:
        return Called(Part("operations", _TITLE, None, None, None, why="the service describes no operations"))
    judged = sorted(set(operations))[:MAX_OPERATIONS]
    best = _best_answers(_routes(judged), exchanges)
    covered = frozenset(operation for operation, status in best.items() if status < _FAILURE)
    missing = tuple(operation for operation in judged if operation not in covered)
    if blind and missing:
        return Called(Part("operations", _TITLE, None, None, len(judged), why=blind))
    part = Part("operations", _TITLE, len(covered) / len(judged), len(covered), len(judged), missing[:MAX_MISSING])
    return Called(part, covered, tuple(sorted(operation for operation in covered if best[operation] >= _REFUSAL)))


def _best_answers(routes: _Routes, exchanges: Iterable[Exchange]) -> Mapping[str, int]:
    """Return the lowest status that each operation answered with."""
    lowest: dict[tuple[str, str], int] = {}
    for exchange in exchanges:
        key = (exchange.method, exchange.path)
        if exchange.status is not None and (key in lowest or len(lowest) < MAX_REQUESTS):
            lowest[key] = min(exchange.status, lowest.get(key, exchange.status))
    best: dict[str, int] = {}
    for (method, path), status in lowest.items():
        operation = routes.find(method, path)
        if operation is not None:
            best[operation] = min(status, best.get(operation, status))
    return best


def _routes(operations: Iterable[str]) -> _Routes:
    out = _Routes()
    for operation in operations:
        method, _, path = operation.partition(" ")
        route = _Route(operation, tuple(_segment(part) for part in path.split("/")))
        out.by_shape.setdefault((method.upper(), len(route.segments)), []).append(route)
    for routes in out.by_shape.values():
        routes.sort(key=lambda route: route.parameters)
    return out


def _segment(text: str) -> str | tuple[str, str]:
    """`{id}`, `v{version}.json`: of several parameters in one segment, what stands between the first and the last is not compared."""
    opened, closed = text.find("{"), text.rfind("}")
    return (text[:opened], text[closed + 1 :]) if 0 <= opened < closed else text


def _fits(mine: str | tuple[str, str], theirs: str) -> bool:
    if isinstance(mine, str):
        return mine == theirs
    before, after = mine
    return len(theirs) > len(before) + len(after) and theirs.startswith(before) and theirs.endswith(after)
