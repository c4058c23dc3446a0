"""Harden one image of the list again, and compare its result with the advisories."""

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path

from careen.advisories.database.store import open_store
from careen.errors import ToolError
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
    `findings_without_offer` are findings of the result whose fix no source offers yet.
    """

    result: str
    verdict: tuple[Known, ...]
    original: int | None
    findings_without_offer: tuple[str, ...] = ()


def harden_image(watched: Watched, recipe: Recipe, database: Path, work: Work) -> Made:
    """Harden, verify, tag, and keep the result's inventory.

    Raises as `harden`.
    """
    from careen.patch.store import find_patch_plan
    from careen.pipeline.findings.finding_policy import hear
    from careen.pipeline.harden import (
        harden,
    )  # the import takes longer than a pass without hardening
    from careen.pipeline.run.session import session
    from careen.pipeline.watching.verdict import judge, settled

    with contextlib.chdir(recipe.directory), session(recipe.settings, work.progress) as run:
        summary = harden(replace(recipe.request, database=database), run)
    result = in_store(watched.tag, f"result {watched.tag!r}")
    keep_inventory(work.state, result, read_file(recipe.request.report_directory / SBOM, MAX_SBOM))
    inventory = kept_inventory(work.state, result)
    if inventory is None:
        msg = (
            f"{watched.tag}: the inventory of the result cannot be read back from {work.state};"
            " check the disk"
        )
        raise ToolError(msg)
    with open_store(database) as store:
        items = judge(inventory, store, hear(recipe.request.judgement), watched.tag)
    verdict, found = settled(items), summary.original.findings
    plan = find_patch_plan(recipe.request.report_directory / PLAN) if watched.patch else None
    counted = found.total if found is not None and not found.compared.nothing else None
    return Made(result, verdict, counted, findings_without_offer(plan, verdict))
