"""Comparison of readiness, number of starts, and exit status of a container."""

from collections.abc import Iterator

from careen.model.runs.behaviour import Deviation, Weight
from careen.model.runs.exploration import Explored
from careen.model.runs.workload import WorkloadResult
from careen.verify.causes import Causes
from careen.verify.sides import ContainerRun, Pair
from careen.verify.words import brief

_SIGNALLED = 128
_TAIL = 4096


def compare_readiness(pair: Pair, causes: Causes) -> Iterator[Deviation]:
    """Yield the difference in readiness.

    Ready on the original only is a failure. Ready on the new image only is a failure if the
    original exited with an error, else a warning.
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
    # A start check that refused may be gone; otherwise the original may have needed more time.
    refused = before.did.exit_code not in (None, 0)
    yield Deviation(
        "readiness",
        Weight.FAILURE if refused else Weight.WARNING,
        pair.where,
        f"never ready{_reason(before)}",
        "ready",
    )


def compare_starts(pair: Pair, _: Causes) -> Iterator[Deviation]:
    """Yield a failure for more starts than on the original, a warning for fewer."""
    before, after = pair.before.trace, pair.after.trace
    if before is not None and after is not None and before.starts != after.starts:
        weight = Weight.FAILURE if after.starts > before.starts else Weight.WARNING
        yield Deviation(
            "restart", weight, pair.where, _starts(before.starts), _starts(after.starts)
        )


def compare_exit(pair: Pair, causes: Causes) -> Iterator[Deviation]:
    """Yield the difference in exit status.

    It is a failure if the original ended well (status 0 or a terminating signal) and the new image
    did not, else a warning. A shell's 143 equals an engine's -15. If only one image became ready,
    readiness is compared instead.
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


def _ending(life: ContainerRun) -> int | None:
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


def _reason(life: ContainerRun) -> str:
    did = life.did
    told = did.reason if isinstance(did, WorkloadResult) else did.skipped
    if not told and isinstance(did, Explored) and did.exit_code is not None:
        told = f"it ended with status {did.exit_code}"
    return f" ({brief(told)})" if told else ""
