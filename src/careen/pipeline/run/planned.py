"""A plan with its totals, from the cache of earlier runs without its image."""

import hashlib
import json
from dataclasses import astuple, dataclass
from typing import Any

from careen.model.plan import Plan
from careen.model.summary import ReasonShare, SymbolTotals
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.run.known_plans import KnownPlans
from careen.pipeline.run.plan_totals import reason_shares, symbol_totals
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import PlanChoices


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, what it keeps and removes by reason, and what it does to symbols."""

    plan: Plan
    kept: tuple[ReasonShare, ...]
    removed: tuple[ReasonShare, ...]
    symbols: SymbolTotals | None


def totalled(plan: Plan, rootfs: Rootfs) -> Planned:
    """Return the plan of a root file system with its totals."""
    return Planned(
        plan,
        reason_shares(plan.keep, rootfs),
        reason_shares(plan.remove, rootfs),
        symbol_totals(plan, rootfs),
    )


@dataclass(frozen=True, slots=True)
class PlansOfRbom:
    """The plans that earlier runs made of the same bytes of an RBOM, with these choices."""

    plans: KnownPlans
    file_sha256: str

    @staticmethod
    def of(data: bytes, choices: PlanChoices, session: Session) -> "PlansOfRbom | None":
        """Return it, or None if the session has no cache."""
        if session.known.cache is None:
            return None
        return PlansOfRbom(
            KnownPlans(session.known.cache, choices), hashlib.sha256(data).hexdigest()
        )

    def _key(self, config_digest: str) -> tuple[str, ...]:
        return self.plans.key("plan totals", config_digest, self.file_sha256)

    def get(self, config_digest: str) -> Planned | None:
        """Return the plan of an image, or None."""
        key = self._key(config_digest)
        found = self.plans.cache.get(*key)
        if found is None:
            return None
        try:
            totals = json.loads(found)
            plan = self.plans.get(config_digest, totals["rbom"])
            if plan is None:
                return None
            return Planned(
                plan,
                tuple(ReasonShare(*each) for each in totals["kept"]),
                tuple(ReasonShare(*each) for each in totals["removed"]),
                _symbols(totals["symbols"]),
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            self.plans.cache.drop(*key)
            return None

    def remember(self, planned: Planned) -> None:
        """Record a plan of this RBOM, and its totals."""
        self.plans.put(planned.plan, planned.plan.image.config_digest, planned.plan.rbom_sha256)
        self.put(planned)

    def put(self, planned: Planned) -> None:
        """Record the totals of a plan, which is in the cache itself."""
        totals = {
            "rbom": planned.plan.rbom_sha256,
            "kept": [astuple(each) for each in planned.kept],
            "removed": [astuple(each) for each in planned.removed],
            "symbols": None if planned.symbols is None else astuple(planned.symbols),
        }
        self.plans.cache.put(
            json.dumps(totals).encode(), *self._key(planned.plan.image.config_digest)
        )


def _symbols(row: list[Any] | None) -> SymbolTotals | None:
    if row is None:
        return None
    files, size, left = row
    return SymbolTotals(files, size, tuple((reason, count) for reason, count in left))
