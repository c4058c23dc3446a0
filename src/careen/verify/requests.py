"""Comparison of statuses of the HTTP requests that the tests sent."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from careen.model.runs.behaviour import Deviation, Weight
from careen.model.runs.workload import Exchange, WorkloadResult
from careen.verify.bodies.normal import Noise
from careen.verify.rounds import NOT_AGAIN
from careen.verify.unsure import Inconclusive
from careen.verify.words import brief

MOST = 100_000
SHOWN = 50
_DIGITS = re.compile(r"(?<=/)\d+(?=/|\Z)")

_Request = tuple[int, str, str]


def compare_requests(
    runs: Sequence[tuple[WorkloadResult, WorkloadResult]], noise: Noise, unsure: Inconclusive
) -> Iterator[Deviation]:
    """Yield a warning for each request that got other statuses.

    A request is port, method and path; numbers and identifiers in it are ignored. Requests on one
    side only are ignored: tests may choose randomly. With several runs, a status must be in all
    runs of one side and in none of the other.
    """
    befores, afters = (
        [_statuses(run[side].exchanges[:MOST], noise) for run in runs] for side in (0, 1)
    )
    one, two = befores[0], afters[0]
    workload = runs[0][1].workload
    differing: list[_Request] = []
    for key in [key for key in one if key in two and one[key].keys() != two[key].keys()]:
        if _beyond(
            [each[key].keys() for each in befores if key in each],
            [each[key].keys() for each in afters if key in each],
        ):
            differing.append(key)
        else:
            unsure.is_noise(
                f"{workload}: {key[1]} {brief(key[2], 100)}: {_counts(one[key])} on the original,"
                f" {_counts(two[key])} on the hardened image{NOT_AGAIN}"
            )
    for port, method, path in differing[:SHOWN]:
        where = f"{workload}: {method} {brief(path, 100)} on port {port}"
        yield Deviation(
            "http-status",
            Weight.WARNING,
            where,
            _counts(one[port, method, path]),
            _counts(two[port, method, path]),
        )
    if len(differing) > SHOWN:
        yield Deviation(
            "http-status",
            Weight.WARNING,
            workload,
            f"statuses of {len(differing) - SHOWN} more requests",
            "others",
        )


def _beyond(
    before: Sequence[Collection[int | None]], after: Sequence[Collection[int | None]]
) -> bool:
    """Return whether a status is in every run of one side, and in none of the other."""
    return any(_only_in(*sides) for sides in ((before, after), (after, before)))


def _only_in(one: Sequence[Collection[int | None]], two: Sequence[Collection[int | None]]) -> bool:
    return bool(frozenset.intersection(*map(frozenset, one)) - frozenset().union(*two))


def _statuses(
    exchanges: Sequence[Exchange], noise: Noise
) -> Mapping[_Request, Counter[int | None]]:
    out: dict[_Request, Counter[int | None]] = {}
    for exchange in exchanges:
        path = _DIGITS.sub("#", noise.line(exchange.path))
        out.setdefault((exchange.port, brief(exchange.method, 20), path), Counter())[
            exchange.status
        ] += 1
    return out


def _counts(counted: Counter[int | None]) -> str:
    parts = sorted(counted.items(), key=lambda item: (item[0] is None, item[0] or 0))
    return ", ".join(
        f"{number} × {'no answer' if status is None else status}"  # noqa: RUF001
        for status, number in parts
    )
