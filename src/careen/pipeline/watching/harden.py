"""Harden one image of the list as `careen ci` does, and compare its result with the advisories."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from careen.advisories.database.store import open_store
from careen.errors import CareenError, PolicyError, ToolError
from careen.model.integration import Outcome, Step
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
    last run of another verb had made it, and nothing had to be done.
    """

    result: str
    verdict: tuple[Known, ...]
    original: int | None
    findings_without_offer: tuple[str, ...] = ()
    found: bool = False


def harden_image(
    watched: Watched, recipe: Recipe, database: Path, work: Work, *, again: bool
) -> Made:
    """Harden, verify, tag, and keep the result's inventory; with `again` in any case.

    Raises as the recipe's update, and CareenError with the status of a run that failed.
    """
    from careen.patch.store import find_patch_plan
    from careen.pipeline.findings.finding_policy import hear
    from careen.pipeline.watching.verdict import judge, settled

    with contextlib.chdir(recipe.directory):
        outcome = recipe.update(database, work.progress, again=again)
    _require_good(outcome)
    result, evidence = in_store(watched.tag, f"result {watched.tag!r}"), Path(outcome.evidence)
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
    return Made(result, verdict, original, findings_without_offer(plan, verdict), found)


def _require_good(outcome: Outcome) -> None:
    """Raise the failure of a run with its exit status."""
    if outcome.failure:
        error = CareenError(outcome.failure)
        error.exit_status = outcome.status
        raise error
    if outcome.status and outcome.report is not None:
        msg = f"a threshold of its careen.toml is crossed: {outcome.report.crossed[0]}"
        raise PolicyError(msg)
