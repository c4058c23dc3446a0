"""What a pass says of findings that changed while no source offers another package."""

from collections.abc import Sequence

from packaging.utils import canonicalize_name

from careen.model.catalog.lock import Lock
from careen.model.catalog.refresh import OpenFinding

_SHOWN = 5


def noted(closed: Sequence[OpenFinding], new: Sequence[OpenFinding], lock: Lock | None) -> str:
    """Return the difference in one line. The lock says which packages are wheels: a pass asks no
    index for them.
    """
    named = ", ".join(f"{each.id} in {each.name}" for each in new[:_SHOWN])
    steps = () if lock is None else lock.steps
    wheels = {(canonicalize_name(x.name), x.version) for step in steps for x in step.wheels}
    of_wheels = {
        (canonicalize_name(each.name), each.version) in wheels for each in new if each.fixable
    }
    parts = (
        f"{len(new)} new: {named}" if new else "",
        f"{len(closed)} no longer known" if closed else "",
        "a fix is known that no source offers yet" if False in of_wheels else "",
        "a newer wheel may fix it; --again builds with it" if True in of_wheels else "",
    )
    return "; ".join(part for part in parts if part)
