"""Why a vulnerability stays in a result, as the patch plan of its evidence has it."""

from collections.abc import Set as AbstractSet
from pathlib import Path

from careen.errors import CareenError
from careen.model.integration import Outcome
from careen.model.patching import BlockReason, PatchPlan
from careen.patch.store import find_patch_plan
from careen.pipeline.integrating.closable import words_of

PLAN = "plan.json"
_MAY_CHANGE = (BlockReason.UNAVAILABLE, BlockReason.UNSURVEYED, BlockReason.BREAKS)
"""What a source or the tests may have changed, of which careen does not see a change."""


def why_left(outcome: Outcome, names: AbstractSet[str]) -> str:
    """Return what keeps each package of these findings; "" if neither run nor evidence says it."""
    blocked = outcome.blocked
    if not any(not names.isdisjoint(each.findings) for each in blocked):
        plan = _plan(Path(outcome.evidence))
        blocked = () if plan is None else plan.blocked
    said = (words_of(each) for each in blocked if not names.isdisjoint(each.findings))
    return "; ".join(dict.fromkeys(said))


def is_worth_trying(evidence: Path, identifier: str) -> bool:
    """Return whether patching again may close a vulnerability that the last run had to leave.

    True if the evidence does not say what kept it.
    """
    plan = _plan(evidence)
    if plan is None:
        return True
    barriers = [
        blocked.barrier
        for blocked in plan.blocked
        if identifier in map(str.upper, blocked.findings)
    ]
    return not barriers or any(barrier in _MAY_CHANGE for barrier in barriers)


def _plan(evidence: Path) -> PatchPlan | None:
    try:
        return find_patch_plan(evidence / PLAN)
    except CareenError:  # the run that wrote it was cut off, or nothing was patched
        return None
