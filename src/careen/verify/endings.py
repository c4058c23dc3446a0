"""Whether and when a container became ready, how often it started, and how it ended."""

from collections.abc import Iterator

from careen.model.behaviour import Deviation, Weight
from careen.model.exploration import Explored
from careen.model.workload import WorkloadResult
from careen.verify.causes import Causes
from careen.verify.sides import Life, Pair
from careen.verify.words import brief

_SIGNALLED = 128
_TAIL = 4096


def compare_readiness(pair: Pair, causes: Causes) -> Iterator[Deviation]:
    """Yield a failure where it became ready on the original alone; where it did on the new image
    alone, a failure if the original had ended by itself (a check that refused to start is gone),
    else a warning (it may have needed more time).
    """
    before, after = pair.before, pair.after
    if before.ready == after.ready:
        return
    if before.ready:
        yield Deviation(
            "readiness",
            Weight.FAILURE,
            pair.where,
            "ready",
            f"never ready{_reason(after)}",
            causes.fit(None, (after.did.logs[-_TAIL:],)),
        )
        return
    refused = before.did.exit_code not in (None, 0)
    yield Deviation(
        "readiness",
        Weight.FAILURE if refused else Weight.WARNING,
        pair.where,
        f"never ready{_reason(before)}",
        "ready",
    )


def compare_starts(pair: Pair, _: Causes) -> Iterator[Deviation]:
    """Yield a failure where the container was started more often than the original's, a warning
    where less often.
    """
    before, after = pair.before.trace, pair.after.trace
    if before is not None and after is not None and before.starts != after.starts:
        weight = Weight.FAILURE if after.starts > before.starts else Weight.WARNING
        yield Deviation(
            "restart", weight, pair.where, _starts(before.starts), _starts(after.starts)
        )


def compare_exit(pair: Pair, causes: Causes) -> Iterator[Deviation]:
    """Yield what differs at the end: a failure where the original ended well (status 0, or by a
    signal that ends) and the new image otherwise; else a warning.

    A shell's 143 and an engine's -15 are one ending. What never became ready is judged by its
    readiness.
    """
    one, two = _ending(pair.before), _ending(pair.after)
    if one == two or pair.before.ready != pair.after.ready:
        return
    fine = one in _GOOD
    lost = fine and two not in _GOOD
    said = pair.after.did.logs[-_TAIL:]
    yield Deviation(
        "exit-status",
        Weight.FAILURE if lost else Weight.WARNING,
        pair.where,
        _words(one),
        _words(two),
        causes.fit(None, (said,)) if lost else (),
    )


_GOOD = frozenset(
    {0, *(_SIGNALLED + number for number in (1, 2, 3, 10, 12, 15))}
)  # HUP, INT, QUIT, USR1, USR2, TERM


def _ending(life: Life) -> int | None:
    code = life.did.exit_code
    return code if code is None or code >= 0 else _SIGNALLED - code


def _words(code: int | None) -> str:
    if code is None:
        return "it had to be killed"
    if code > _SIGNALLED:
        return f"it ended by signal {code - _SIGNALLED} (status {code})"
    return f"it ended with status {code}"


def _starts(number: int) -> str:
    return "one start" if number == 1 else f"{number} starts"


def _reason(life: Life) -> str:
    did = life.did
    told = did.reason if isinstance(did, WorkloadResult) else did.skipped
    if not told and isinstance(did, Explored) and did.exit_code is not None:
        told = f"it ended with status {did.exit_code}"
    return f" ({brief(told)})" if told else ""
