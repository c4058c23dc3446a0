"""The whole chain, from the user's image to a smaller, patched one under the user's tag."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.model.summary import ReasonShare, Summary, SymbolTotals
from careen.pipeline.hardening.base import upgrades_stated
from careen.pipeline.hardening.ground import Ground, ground
from careen.pipeline.hardening.judged import Case, judge_and_promote
from careen.pipeline.hardening.planned import Planned, planned_for
from careen.pipeline.hardening.request import HardenRequest
from careen.pipeline.proof.repair import Proving, prove
from careen.pipeline.run.plan_totals import reason_shares, symbol_totals
from careen.pipeline.run.previous import with_previous
from careen.pipeline.run.session import Session


@dataclass(frozen=True, slots=True)
class HardenPreview:
    """Forecast of a run: the plan, the upgrades as in plan.json, and the shares per reason."""

    plan: Plan
    upgrades: Mapping[str, Any] | None
    kept: tuple[ReasonShare, ...]
    removed: tuple[ReasonShare, ...]
    symbols: SymbolTotals | None


def harden(request: HardenRequest, session: Session) -> Summary:
    """Patch, profile, explore, plan, strip, verify, repair, promote.

    Raises VerificationError (exit 3) or PolicyError (exit 2); nothing is promoted then, and the
    evidence so far stays in the report directory.
    """
    with ground((request,), session) as opened:
        return harden_opened(request, opened, session)[0]


def harden_opened(
    request: HardenRequest, opened: Ground, session: Session
) -> tuple[Summary, RuntimeBom]:
    """Run `harden` on an open image; return the summary and the RBOM behind the plan."""
    request = replace(request, choices=with_previous(request.choices, session))
    with planned_for(request, opened, session) as planned:
        return _strip_and_prove(request, opened, planned, session), planned.bom


def preview_harden(request: HardenRequest, session: Session) -> HardenPreview:
    """Patch, profile, explore and plan; strip, verify and promote nothing.

    Raises as `harden` does up to there. The report directory gets the plan and its evidence.
    """
    request = replace(request, choices=with_previous(request.choices, session))
    with ground((request,), session) as opened, planned_for(request, opened, session) as planned:
        rootfs, plan = planned.original.rootfs, planned.plan
        kept, removed = reason_shares(plan.keep, rootfs), reason_shares(plan.remove, rootfs)
        return HardenPreview(
            plan,
            upgrades_stated(planned.patch, planned.changed_from),
            kept,
            removed,
            symbol_totals(plan, rootfs),
        )


def _strip_and_prove(
    request: HardenRequest, opened: Ground, planned: Planned, session: Session
) -> Summary:
    with ExitStack() as results:
        how = Proving(
            request.proof.rounds,
            request.report_directory / "logs" / "hardened",
            planned.plan,
            planned.note,
        )
        proven = results.enter_context(
            prove(planned.original, planned.bom, planned.choices, planned.baseline, how, session)
        )
        return judge_and_promote(request, Case(proven, planned, opened), session)
