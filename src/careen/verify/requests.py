"""The HTTP requests that the tests sent, as they were seen on their way: which statuses each kind of request got."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from careen.model.behaviour import Deviation, Weight
from careen.model.workload import Exchange, WorkloadResult
from careen.verify.normal import Noise
from careen.verify.words import brief

MOST = 100_000
SHOWN = 50
_DIGITS = re.compile(r"(?<=/)\d+(?=/|\Z)")

_Request = tuple[int, str, str]


def compare_requests(before: WorkloadResult, after: WorkloadResult, noise: Noise) -> Iterator[Deviation]:
    """Yield a warning for each request (port, method, path; numbers and identifiers in it are one) that got another set of statuses. One that the tests sent
    on one side only is none: they may choose by chance.
    """
    one, two = _statuses(before.exchanges[:MOST], noise), _statuses(after.exchanges[:MOST], noise)
    differing = [key for key in one if key in two and one[key].keys() != two[key].keys()]
    for port, method, path in differing[:SHOWN]:
        where = f"{after.workload}: {method} {brief(path, 100)} on port {port}"
        yield Deviation("http-status", Weight.WARNING, where, _counts(one[port, method, path]), _counts(two[port, method, path]))
    if len(differing) > SHOWN:
        yield Deviation("http-status", Weight.WARNING, after.workload, f"statuses of {len(differing) - SHOWN} more requests", "others")


def _statuses(exchanges: Sequence[Exchange], noise: Noise) -> Mapping[_Request, Counter[int | None]]:
    out: dict[_Request, Counter[int | None]] = {}
    for exchange in exchanges:
        path = _DIGITS.sub("#", noise.line(exchange.path))
        out.setdefault((exchange.port, brief(exchange.method, 20), path), Counter())[exchange.status] += 1
    return out


def _counts(counted: Counter[int | None]) -> str:
    parts = sorted(counted.items(), key=lambda item: (item[0] is None, item[0] or 0))
    return ", ".join(f"{number} × {'no answer' if status is None else status}" for status, number in parts)  # noqa: RUF001 — a times sign is meant
