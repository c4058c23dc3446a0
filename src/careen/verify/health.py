"""Comparison of the results of the image's HEALTHCHECK."""

from collections.abc import Iterator

from careen.model.runs.behaviour import Deviation, Weight
from careen.model.runs.workload import HealthResult
from careen.verify.causes import Causes
from careen.verify.words import brief


def compare_health(
    where: str, before: HealthResult | None, after: HealthResult | None, causes: Causes
) -> Iterator[Deviation]:
    """Yield a failure if the check passes on the original only, a warning for another status.

    If either image has no result, readiness is compared instead.
    """
    if before is None or after is None or before.status == after.status:
        return
    lost = before.status == 0
    weight = Weight.FAILURE if lost else Weight.WARNING
    cause = causes.fit(None, (after.output,)) if lost else ()
    yield Deviation("health", weight, where, _words(before), _words(after), cause)


def _words(result: HealthResult) -> str:
    said = f" ({last})" if (last := brief(result.output.strip().rpartition("\n")[2])) else ""
    if result.status is None:
        return f"no status{said}"
    return f"status {result.status}{said if result.status else ''}"
