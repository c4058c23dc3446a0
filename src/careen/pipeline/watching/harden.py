"""Harden one image of the list as `careen ci` does, and compare its result with the advisories."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from careen.advisories.database.store import open_store
from careen.errors import CareenError, PolicyError, ToolError
from careen.model.integration import Outcome, Step
from careen.oci.reference import RegistryImage, parse_reference
from careen.pipeline.watching.image_list import Watched
from careen.pipeline.watching.inventory import keep_inventory, kept_inventory
from careen.pipeline.watching.offers import findings_without_offer
from careen.pipeline.watching.state import Known
from careen.pipeline.watching.upstream import in_store
from careen.pipeline.watching.work import Recipe, Work
from careen.tools.read_file import read_file

PLAN = "plan.json"
SBOM = "sbom.cdx.json"
MAX_SBOM = 256 << 20


@dataclass(frozen=True, slots=True)
class Made:
    """A result: its id in docker's store, and its findings.

    `original` is the number of findings of the original (None: not counted).
    `findings_without_offer` are findings of the result whose fix no source offers yet. `found`: the
    last run had made it, here or by another verb, and nothing had to be done; else `why` says why.
    `pushed` is its digest in the registry, "" if it was not to be pushed. `failure` says why a good
    result could not be pushed.
    """

    result: str
    verdict: tuple[Known, ...]
    original: int | None
    findings_without_offer: tuple[str, ...] = ()
    found: bool = False
    pushed: str = ""
    failure: CareenError | None = None
    why: str = ""


def harden_image(
    watched: Watched, recipe: Recipe, database: Path, work: Work, *, again: bool, push: bool
) -> Made:
    """Harden, verify, name, and keep the result's inventory; with `again` in any case.

    Raises as the recipe's update, and CareenError with the status of a run that failed.
    """
    from careen.patch.store import find_patch_plan
    from careen.pipeline.findings.finding_policy import hear
    from careen.pipeline.watching.verdict import judge, settled

    with contextlib.chdir(recipe.directory):
        outcome = recipe.update(database, work.progress, again=again, push=push)
    failure = failure_of(outcome)
    if failure is not None and not outcome.undelivered:
        raise failure
    pushed = pushed_as(outcome) if push and failure is None else ""
    # What is in the registry need not be in docker's store.
    result = outcome.result_digest if pushed else in_store(watched.tag, f"result {watched.tag!r}")
    evidence = Path(outcome.evidence)
    keep_inventory(work.state, result, read_file(evidence / SBOM, MAX_SBOM))
    inventory = kept_inventory(work.state, result)
    if inventory is None:
        msg = (
            f"{watched.tag}: the inventory of the result cannot be read back from {work.state};"
            " check the disk"
        )
        raise ToolError(msg)
    with open_store(database) as store:
        items = judge(inventory, store, hear(recipe.judgement), watched.tag)
    verdict = settled(items)
    plan = find_patch_plan(evidence / PLAN) if watched.patch else None
    original = next((each.before for each in outcome.figures if each.title == "findings"), None)
    found = outcome.decision.step in (Step.CHECK, Step.SCAN)
    offers = findings_without_offer(plan, verdict)
    why = "; ".join(outcome.decision.reasons)
    return Made(result, verdict, original, offers, found, pushed, failure, why)


def pushed_as(outcome: Outcome) -> str:
    """Return the digest that a result has in its registry. Raises ToolError without one."""
    for place in outcome.places:
        name, _, digest = place.partition("@")
        if digest and isinstance(parse_reference(name), RegistryImage):
            return digest
    msg = f"{outcome.name}: the result is in no registry: {', '.join(outcome.places)}"
    raise ToolError(msg)


def failure_of(outcome: Outcome) -> CareenError | None:
    """Return the failure of a run with its exit status, None if it passed."""
    if outcome.failure:
        error = CareenError(outcome.failure)
        error.exit_status = outcome.status
        return error
    if outcome.status and outcome.report is not None:
        msg = f"a threshold of its careen.toml is crossed: {outcome.report.crossed[0]}"
        return PolicyError(msg)
    return None
