"""Why a vulnerability stays in a result, as the patch plan of its evidence has it."""

from collections.abc import Set as AbstractSet
from pathlib import Path

from careen.errors import CareenError
from careen.patch.store import find_patch_plan

PLAN = "plan.json"


def why_left(evidence: Path, names: AbstractSet[str]) -> str:
    """Return what keeps each package of these findings; "" if the evidence does not say it."""
    try:
        plan = find_patch_plan(evidence / PLAN)
    except CareenError:  # the run that wrote it was cut off, or nothing was patched
        return ""
    if plan is None:
        return ""
    said = (
        f"{blocked.barrier.value} ({blocked.detail})" if blocked.detail else blocked.barrier.value
        for blocked in plan.blocked
        if not names.isdisjoint(blocked.findings)
    )
    return "; ".join(dict.fromkeys(said))
