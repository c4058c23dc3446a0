"""A plan with some removed paths kept after all."""

from collections.abc import Mapping
from dataclasses import replace

from careen.model.paths import ImagePath, ancestors
from careen.model.plan import Plan, Reason


def with_kept(plan: Plan, reasons: Mapping[ImagePath, Reason]) -> Plan:
    """Return the plan with these removed paths kept, and the directories above them."""
    back = {path: reason for path, reason in reasons.items() if path in plan.remove}
    for path in tuple(back):
        for above in ancestors(path):
            if above in plan.keep or above in back:
                break
            back[above] = Reason("directory", "holds what is kept", path)
    keep = {**plan.keep, **back}
    return replace(
        plan,
        keep={path: keep[path] for path in sorted(keep)},
        remove={path: reason for path, reason in plan.remove.items() if path not in back},
    )
