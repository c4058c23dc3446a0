"""Coverage of the service's OpenAPI operations by the tests."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from careen.formats.openapi import Operation
from careen.formats.openapi_match import OperationMatcher
from careen.model.adequacy import Part
from careen.model.runs.workload import Exchange

MAX_REQUESTS = 20_000  # distinct methods and paths
MAX_MISSING = 200
_FAILURE = 500
_REFUSAL = 400
_TITLE = "operations"


@dataclass(frozen=True, slots=True)
class Called:
    """Coverage of operations.

    `operations` are those that the tests called (None: unknown). `refused` are those of them that
    only ever answered 4xx.
    """

    part: Part
    operations: frozenset[str] | None = None
    refused: tuple[str, ...] = ()


def judge_operations(
    operations: Collection[Operation] | None, exchanges: Iterable[Exchange], blind: str
) -> Called:
    """Return the coverage of the operations (None: unknown) by the requests of the tests.

    An answer below 500 covers an operation. `blind` says why requests may be missing from the
    exchanges ("" if all were seen); then a share below 1 is reported as unknown.
    """
    if operations is None:
        return Called(
            Part("operations", _TITLE, None, None, None, why="no OpenAPI document was read")
        )
    if not operations:
        return Called(
            Part("operations", _TITLE, None, None, None, why="its OpenAPI document has none")
        )
    judged = sorted({operation.name for operation in operations})
    best = _best_answers(OperationMatcher(operations), exchanges)
    # A refusal (4xx) shows that the operation exists and checks its input.
    covered = frozenset(operation for operation, status in best.items() if status < _FAILURE)
    missing = tuple(operation for operation in judged if operation not in covered)
    if blind and missing:
        return Called(Part("operations", _TITLE, None, None, len(judged), why=blind))
    part = Part(
        "operations", _TITLE, len(covered) / len(judged), len(covered), len(judged), missing
    )
    return Called(
        part,
        covered,
        tuple(sorted(operation for operation in covered if best[operation] >= _REFUSAL)),
    )


def with_missing_by_bytes(part: Part, hanging: Mapping[str, int]) -> Part:
    """Sort the missing operations by the bytes that hang on them, most first; keep up to 200."""
    return replace(
        part,
        missing=tuple(
            sorted(part.missing, key=lambda operation: (-hanging.get(operation, 0), operation))[
                :MAX_MISSING
            ]
        ),
    )


def _best_answers(matcher: OperationMatcher, exchanges: Iterable[Exchange]) -> Mapping[str, int]:
    """Return the lowest status of each operation."""
    lowest: dict[tuple[str, str], int] = {}
    for exchange in exchanges:
        key = (exchange.method, exchange.path)
        if exchange.status is not None and (key in lowest or len(lowest) < MAX_REQUESTS):
            lowest[key] = min(exchange.status, lowest.get(key, exchange.status))
    best: dict[str, int] = {}
    for (method, path), status in lowest.items():
        operation = matcher.find(method, path)
        if operation is not None:
            best[operation.name] = min(status, best.get(operation.name, status))
    return best
