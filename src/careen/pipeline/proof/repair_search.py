"""Search by delta debugging, on trial images, for what a failing test needs."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace

from careen.model.paths import ImagePath
from careen.model.plan import Plan
from careen.pipeline.proof.attempts import with_kept
from careen.pipeline.proof.repair_case import Case, enough
from careen.repair.ddmin import Found, NotEnoughError, Trials, isolate
from careen.repair.suspect import Suspect
from careen.repair.units import Unit, paths_of, tiers


def look_for(
    case: Case, plan: Plan, tried: Sequence[Suspect], names: Collection[str]
) -> tuple[tuple[Suspect, ...], str]:
    """Search for what the failing workloads and experiments need.

    Returns the suspects, or none and the reason. The paths in `tried` did not help; they stay
    removed unless the search finds them.
    """
    if case.attempts.left and enough(case, plan, names):
        return (
            (),
            ("the failure did not recur on the same image, so it is unknown what to restore"),
        )
    groups = tiers(
        plan.remove,
        (each.keep for each in case.wider()),
        case.original.inventory,
        lambda path: path in plan.keep,
    )
    helpful = _helpful(case, plan, groups, names)
    if not helpful and case.attempts.focus:
        case.attempts.focus = {}  # a test may need an earlier test
        helpful = _helpful(case, plan, groups, names)
    if not helpful:
        what = (
            f"{len(tried)} suspected paths were restored without effect, as were all removed paths"
            if tried
            else "even with all removed paths restored"
        )
        return (), f"{what}: {_other_cause(case, plan, groups, names)}"
    begun = case.attempts.used
    try:
        found = _found(case, plan, helpful, names)
    except NotEnoughError:
        return (
            (),
            (
                "with all removed paths restored the tests passed once, but not again: it is"
                " unknown what to restore"
            ),
        )
    trials = case.attempts.used - begun
    how = (
        f"the failing test passes with it and not without it ({trials} trials)"
        if found.minimal
        else f"in the smallest set that helped ({trials} trials)"
    )
    suspects = tuple(Suspect(path, "searched", how) for path in found.items)
    case.earlier.append(suspects)
    return suspects, ""


def _other_cause(
    case: Case, plan: Plan, groups: Sequence[tuple[Unit, ...]], names: Collection[str]
) -> str:
    """Return the cause of a failure that no removed path explains.

    One more trial tells whether it is the dropped symbol tables.
    """
    other = "the failure is not caused by the plan"
    if plan.symbols is None or not plan.symbols.dropped:
        return other
    if not case.attempts.left:
        return (
            f"{other}, or needs the symbol tables that were dropped (--keep-symbols; no trial was"
            " left to tell)"
        )
    everything = paths_of(tuple(unit for group in groups for unit in group))
    if enough(case, replace(with_kept(plan, everything, "a trial"), symbols=None), names):
        return "it passes with the symbol tables that were dropped: run again with --keep-symbols"
    return other


def _helpful(
    case: Case, plan: Plan, groups: Sequence[tuple[Unit, ...]], names: Collection[str]
) -> tuple[Unit, ...]:
    """Return the units of the first tiers with which all passes.

    None if all of them do not help; all if no trial is left.
    """
    back: tuple[Unit, ...] = ()
    for tier in groups:
        if not case.attempts.left:
            return tuple(unit for each in groups for unit in each)
        back += tier
        if tier and enough(case, with_kept(plan, paths_of(back), "a trial"), names):
            return back
    return ()


def _found(
    case: Case, plan: Plan, helpful: tuple[Unit, ...], names: Collection[str]
) -> Found[ImagePath]:
    """Search what each failing test needs alone.

    If one does not pass alone, or not all pass with the result, search what all need together.
    """
    focus = case.attempts.focus
    single = [(name, command) for name in names for command in sorted(focus.get(name, ("",)))]
    if len(single) > 1:
        with suppress(NotEnoughError):
            guilty: Found[Unit] = Found((), minimal=True)
            for name, command in single:
                case.attempts.focus = {name: frozenset({command})} if command else {}
                more = _guilty(case, plan, helpful, guilty.items, (name,))
                guilty = Found(
                    (*guilty.items, *more.items), minimal=guilty.minimal and more.minimal
                )
            case.attempts.focus = focus
            return _files(case, plan, guilty, names)
        case.attempts.focus = focus
    return _files(case, plan, _guilty(case, plan, helpful, (), names), names)


def _files(case: Case, plan: Plan, guilty: Found[Unit], names: Collection[str]) -> Found[ImagePath]:
    """Return which files of the units must come back. Raises NotEnoughError if all do not help."""
    trials: Trials[ImagePath] = Trials(
        lambda paths: enough(case, with_kept(plan, paths, "a trial"), names), case.attempts.left
    )
    found = isolate(paths_of(guilty.items), trials)
    return Found(found.items, guilty.minimal and found.minimal)


def _guilty(
    case: Case,
    plan: Plan,
    helpful: tuple[Unit, ...],
    before: tuple[Unit, ...],
    names: Collection[str],
) -> Found[Unit]:
    """Return the units that must come back in addition to `before` for everything to pass."""
    left = tuple(unit for unit in helpful if unit not in before)
    if not case.attempts.left:
        return Found(left, minimal=False)

    def helps(chosen: Collection[Unit]) -> bool:
        return enough(case, with_kept(plan, paths_of((*before, *chosen)), "a trial"), names)

    return (
        Found((), minimal=True)
        if before and helps(())
        else isolate(left, Trials(helps, case.attempts.left))
    )
