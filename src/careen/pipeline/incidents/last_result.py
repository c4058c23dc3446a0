"""What is stored of the last result of an image, as far as one vulnerability is about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.advisories.database.store import Store
from careen.advisories.matching.match import match
from careen.errors import CareenError
from careen.inventory.index import ImageIndex, load_index
from careen.model.findings.finding import Finding
from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.pipeline.fleet.vulnerable import OneVulnerability, records_of
from careen.pipeline.integrating.request import CiRequest
from careen.pipeline.integrating.state import read_state
from careen.pipeline.integrating.stored import evidence_of, kept_index
from careen.pipeline.run import report_documents as names
from careen.plan.store import load_plan
from careen.rbom.store import load_rbom


@dataclass(frozen=True, slots=True)
class LastResult:
    """A result, the image that was profiled for it, its RBOM and its plan.

    `findings` are those of the vulnerability in the result, `before` those in the profiled image.
    """

    evidence: Path
    result: ImageIndex
    profiled: ImageIndex
    bom: RuntimeBom
    plan: Plan
    findings: tuple[Finding, ...]
    before: tuple[Finding, ...]


def last_result(identifier: str, request: CiRequest, store: Store) -> LastResult | str:
    """Return what is stored of the result of a request, or why it cannot be used."""
    try:
        stored = read_state(request.folder)
        if stored is None:
            return "no result of it is stored"
        evidence, fault = evidence_of(request, stored)
        result = kept_index(request.folder, stored.result)
        if fault or result is None:
            return fault or "the stored inventory is gone"
        profiled = load_index(evidence / names.INDEX)
        bom, plan = load_rbom(evidence / names.RBOM), load_plan(evidence / names.PLAN)
    except CareenError as error:
        return str(error)
    source = OneVulnerability(store, records_of(identifier, store))
    return LastResult(
        evidence,
        result,
        profiled,
        bom,
        plan,
        match(result.inventory, source).findings,
        match(profiled.inventory, source).findings,
    )


def named(findings: Sequence[Finding]) -> str:
    """Return the packages of findings in words."""
    return ", ".join(dict.fromkeys(f"{each.name} {each.version}" for each in findings))
