"""Plan upgrades before hardening again."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from careen.model.patching import Blocked, BlockReason, PatchPlan
from careen.pipeline.watching.failure import FIRST_WAIT, LONGEST_WAIT
from careen.pipeline.watching.state import Awaited, Known
from careen.pipeline.watching.work import Asking, Recipe, Work

if TYPE_CHECKING:
    from careen.pipeline.run.session import Session

# A published fix often reaches the sources hours later, and hardening runs all tests.
NEVER = 0
MOST = 10
"""Most questions about a fix, over about four days; later it may never appear."""

_MAY_CHANGE = (BlockReason.UNAVAILABLE, BlockReason.UNSURVEYED)
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """What a patch plan says about some findings.

    `worthwhile`: hardening again may close one. `awaited` only wait for a source. `why` gives the
    reason against it.
    """

    worthwhile: bool
    awaited: tuple[str, ...] = ()
    why: str = ""


def ask_for_upgrades(recipe: Recipe, database: Path, work: Work) -> PatchPlan | None:
    """Plan the upgrades of the current source image, None if nothing is upgraded in it.

    Changes nothing. Raises as `patch`.
    """
    import contextlib

    from careen.pipeline.run.session import session

    if recipe.asking is None:
        return None
    with contextlib.chdir(recipe.directory), session(recipe.settings, work.progress) as run:
        return planned(recipe.asking, database, run)


def planned(asking: Asking, database: Path, session: "Session") -> PatchPlan:
    """Ask the package managers of an image, in a sandbox; no workload runs. Raises as `patch`."""
    from careen.pipeline.patch import PatchRequest, patch

    request = PatchRequest(
        image=asking.image,
        wishes=asking.wishes,
        workloads=(),
        destination=asking.destination,
        report_directory=session.scratch("upgrades"),
        database=database,
        judgement=replace(asking.judgement, fail_on=()),
        plan_only=True,
    )
    return patch(request, session).plan


def offer_of(plan: PatchPlan | None, identifiers: Collection[str]) -> Offer:
    """Return whether hardening again is worth it for these findings.

    A finding that the plan does not name may be closed: the source has another version.
    """
    if plan is None:
        return Offer(worthwhile=False, why="nothing is upgraded in this image")
    closes = {identifier for upgrade in plan.upgrades for identifier in upgrade.closes}
    blocked = [
        each
        for each in plan.blocked
        if any(
            identifier in identifiers and identifier not in closes for identifier in each.findings
        )
    ]
    held = {identifier for each in blocked for identifier in each.findings}
    if any(identifier not in held for identifier in identifiers):
        return Offer(worthwhile=True)
    return Offer(worthwhile=False, awaited=_awaited(blocked, identifiers), why=_why(blocked))


def findings_without_offer(plan: PatchPlan | None, verdict: Collection[Known]) -> tuple[str, ...]:
    """Return the findings of a result for which a source may still offer a fix."""
    return (
        _awaited(plan.blocked, {known.id for known in verdict if known.fixable})
        if plan is not None
        else ()
    )


def next_question(
    before: Awaited | None, identifiers: tuple[str, ...], clock: float
) -> Awaited | None:
    """Return when to ask again.

    After 15 minutes, doubling each time up to a day, at most MOST times for the same findings.
    """
    if not identifiers:
        return None
    times = (
        before.times + 1
        if before is not None and set(identifiers) <= set(before.identifiers)
        else 1
    )
    return Awaited(
        identifiers,
        times,
        int(clock) + min(FIRST_WAIT << (times - 1), LONGEST_WAIT) if times <= MOST else NEVER,
    )


def _awaited(blocked: Collection[Blocked], identifiers: Collection[str]) -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                one
                for each in blocked
                if each.barrier in _MAY_CHANGE
                for one in each.findings
                if one in identifiers
            }
        )
    )


def _why(blocked: Collection[Blocked]) -> str:
    named = [
        f"{each.name} {each.installed}:"
        f" {each.barrier.value}{f' ({each.detail})' if each.detail else ''}"
        for each in blocked
    ]
    return "; ".join(named[:_NAMED]) + (
        f" and {len(named) - _NAMED:,} more" if len(named) > _NAMED else ""
    )
