"""Plan an image from its RBOM, or return the plan that an earlier run made of both."""

import hashlib
import json
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from careen.adequacy.threshold import below_recorded
from careen.model.plan import Plan
from careen.model.summary import ReasonShare, SymbolTotals
from careen.pipeline.run.known_plans import KnownPlans, known_plan
from careen.pipeline.run.plan_totals import reason_shares, symbol_totals
from careen.pipeline.run.previous import with_previous
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import PlanChoices, ProofChoices
from careen.pipeline.run.source import Examined, examine, locate, open_located
from careen.rbom.store import MAX_RBOM, read_rbom
from careen.tools.read_file import parsed, read_file


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What to plan: an image, the file of its RBOM, and the choices.

    `proof` says what to do if the RBOM records an adequacy that is too low.
    """

    image: str
    rbom: Path
    choices: PlanChoices
    proof: ProofChoices


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, what it keeps and removes by reason, and what it does to symbols."""

    plan: Plan
    kept: tuple[ReasonShare, ...]
    removed: tuple[ReasonShare, ...]
    symbols: SymbolTotals | None


def plan_image(request: PlanRequest, session: Session) -> Planned:
    """Return the plan of an image.

    Raises ConfigError (an unusable RBOM), InputError (no such image, the RBOM of another one),
    ImageError, EvidenceError or PolicyError.
    """
    data = read_file(request.rbom, MAX_RBOM)
    bom = None
    choices = request.choices
    if request.proof.minimum is not None:
        bom = parsed(data, request.rbom, read_rbom)
        choices = request.proof.at_adequacy(below_recorded(bom, request.proof.minimum), choices)
    choices = with_previous(choices, session)
    located = locate(request.image, session)
    made = _Made.of(data, choices, session)
    seen = session.known.at(located.place)
    if made is not None and seen is not None and (planned := made.get(seen.config_digest)):
        return planned
    # An RBOM that cannot be used is refused before gigabytes are read.
    bom = bom or parsed(data, request.rbom, read_rbom)
    with session.stage("inspect"):
        image = open_located(located, session)
    with image:
        with session.stage("inspect"):
            examined = examine(image, session)
        with session.stage("plan"):
            planned = _totalled(known_plan(examined, bom, choices, session), examined)
    if made is not None:
        made.put(image.ref.config_digest, planned)
    return planned


def _totalled(plan: Plan, examined: Examined) -> Planned:
    rootfs = examined.rootfs
    return Planned(
        plan,
        reason_shares(plan.keep, rootfs),
        reason_shares(plan.remove, rootfs),
        symbol_totals(plan, rootfs),
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """What earlier runs made of the same bytes of an RBOM, so that no image is opened for it."""

    plans: KnownPlans
    file_sha256: str

    @staticmethod
    def of(data: bytes, choices: PlanChoices, session: Session) -> "_Made | None":
        """Return it, or None if the session has no cache."""
        if session.known.cache is None:
            return None
        return _Made(KnownPlans(session.known.cache, choices), hashlib.sha256(data).hexdigest())

    def key(self, config_digest: str) -> tuple[str, ...]:
        return self.plans.key("plan totals", config_digest, self.file_sha256)

    def get(self, config_digest: str) -> Planned | None:
        """Return the plan of an image, or None."""
        key = self.key(config_digest)
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

    def put(self, config_digest: str, planned: Planned) -> None:
        """Record the totals of a plan, which is in the cache itself."""
        totals = {
            "rbom": planned.plan.rbom_sha256,
            "kept": [astuple(each) for each in planned.kept],
            "removed": [astuple(each) for each in planned.removed],
            "symbols": None if planned.symbols is None else astuple(planned.symbols),
        }
        self.plans.cache.put(json.dumps(totals).encode(), *self.key(config_digest))


def _symbols(row: list[Any] | None) -> SymbolTotals | None:
    if row is None:
        return None
    files, size, left = row
    return SymbolTotals(files, size, tuple((reason, count) for reason, count in left))
