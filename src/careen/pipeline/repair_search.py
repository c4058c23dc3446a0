"""Look for what a failing test needs where nothing says so: by delta debugging, on trial images."""

from collections.abc import Collection, Sequence

from careen.model.paths import ImagePath
from careen.model.plan import Plan
from careen.pipeline.attempts import with_kept
from careen.pipeline.repair_case import Case, enough
from careen.repair.ddmin import Found, NotEnoughError
from careen.repair.removed import Removed
from careen.repair.suspect import Suspect
from careen.repair.units import search, units


def look_for(case: Case, plan: Plan, tried: Sequence[Suspect], names: Collection[str]) -> tuple[tuple[Suspect, ...], str]:
    """Search for what the failing workloads and experiments need; return it, or nothing and why. What attribution brought back in vain (`tried`) is among the
    removed paths again, and stays removed unless the search finds it.
    """
    removed = Removed(case.original.rootfs, plan.remove)
    if enough(case, plan, names):
        return (), "what failed passes on the same image when it is tried again, and what the original runs passed: nothing says what to restore"
    everything = with_kept(plan, removed.paths, "a trial")
    helped = enough(case, everything, names)
    if not helped and case.attempts.focus:
        case.attempts.focus = {}  # a test may need what one before it does
        helped = enough(case, everything, names)
    if not helped:
        what = f"{len(tried)} suspected paths brought back did not help, and neither did all that was removed" if tried else "even with all that was removed"
        return (), f"{what}: the failure has another cause than the plan"
    begun = case.attempts.used
    try:
        found = _found(case, plan, names)
    except NotEnoughError:
        return (), "with all that was removed the failure went away once, and then no more: nothing says what to restore"
    trials = case.attempts.used - begun
    how = f"the failing test passes with it and not without it ({trials} trials)" if found.minimal else f"among the least that helped in {trials} trials"
    suspects = tuple(Suspect(path, "searched", how) for path in found.items)
    case.earlier.append(suspects)
    return suspects, ""


def _found(case: Case, plan: Plan, names: Collection[str]) -> Found[ImagePath]:
    """Search for what each failing test needs by itself, then for what all need together where one does not pass alone."""
    focus = case.attempts.focus
    found: Found[ImagePath] = Found((), minimal=True)
    try:
        for name in names:
            for command in sorted(focus.get(name, ("",))):
                case.attempts.focus = {name: frozenset({command})} if command else {}
                more = _needed(case, plan, found.items, (name,))
                found = Found((*found.items, *more.items), minimal=found.minimal and more.minimal)
    except NotEnoughError:
        case.attempts.focus = focus
        return _needed(case, plan, (), names)
    return found


def _needed(case: Case, plan: Plan, found: Sequence[ImagePath], names: Collection[str]) -> Found[ImagePath]:
    """Return what must come back besides what is found already, so that the workloads and experiments pass (of a workload in focus, those tests)."""
    removed = Removed(case.original.rootfs, [path for path in plan.remove if path not in found])
    if not case.attempts.left:
        return Found(tuple(sorted(removed.paths)), minimal=False)  # with all of it the tests pass

    def helps(paths: Collection[ImagePath]) -> bool:
        return enough(case, with_kept(plan, (*found, *paths), "a trial"), names)

    if found and helps(()):
        return Found((), minimal=True)
    groups = units(removed, case.original.inventory, lambda path: path in plan.keep)
    return search(groups, helps, case.attempts.left)[0]
