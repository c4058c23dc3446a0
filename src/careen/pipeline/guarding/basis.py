"""Find the RBOM and the plan that a running image is compared with."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.errors import InputError
from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.model.runs.names import names_of_blind_runs
from careen.oci.image import Image
from careen.oci.made_of import steps_of
from careen.pipeline.why.evidence import kept_paths
from careen.plan.store import load_plan
from careen.rbom.store import load_rbom


@dataclass(frozen=True, slots=True)
class Files:
    """Where an RBOM is, and the plan that was made from it, if there is one."""

    rbom: Path
    plan: Path | None


@dataclass(frozen=True, slots=True)
class Basis:
    """The RBOM of an image and its plan; `notes` are sentences for the user."""

    bom: RuntimeBom
    plan: Plan | None
    notes: tuple[str, ...]


def basis_of(image: Image, candidates: Sequence[Files]) -> Basis:
    """Return the first RBOM, with its plan, that is of this image or of its original.

    Raises ConfigError for a file that cannot be used, and InputError if all are of other images.
    """
    others: list[str] = []
    for files in candidates:
        bom = load_rbom(files.rbom)
        plan = None if files.plan is None else load_plan(files.plan)
        if plan is not None and plan.image.config_digest != bom.image.config_digest:
            msg = (
                f"{files.plan}: is the plan of {plan.image.reference} (config"
                f" {plan.image.config_digest}), and {files.rbom} is the RBOM of"
                f" {bom.image.reference} (config {bom.image.config_digest}); name a plan and the"
                " RBOM that it was made from"
            )
            raise InputError(msg)
        if _fits(image, bom, plan):
            return Basis(bom, plan, _notes(bom))
        others.append(
            f"{files.rbom} is of {bom.image.reference} (config {bom.image.config_digest})"
        )
    more = f", and {len(others) - 1} more are of others" if len(others) > 1 else ""
    msg = (
        f"the container runs {image.ref.reference} (config {image.ref.config_digest}), which"
        f" careen made of no image that was profiled here: {others[0]}{more}; name the report"
        " directory of its run with --report-dir, or its --rbom and --plan"
    )
    raise InputError(msg)


def _fits(image: Image, bom: RuntimeBom, plan: Plan | None) -> bool:
    """Return whether the image is the one of the RBOM, or what was made of it by the plan."""
    known = {bom.image.config_digest, bom.image.manifest_digest}
    steps = tuple(steps_of(image.config))
    same = tuple(itertools.takewhile(lambda made: made.other_user, steps))
    if not known.isdisjoint({image.ref.config_digest, *(made.original for made in same)}):
        return True
    if plan is not None:
        return kept_paths(image) == plan.keep_sha256
    # Of a patched image it is the one before the upgrades, which has another RBOM.
    newest = steps[len(same) :][:1]
    return any(made.stripped and made.original in known for made in newest)


def _notes(bom: RuntimeBom) -> tuple[str, ...]:
    notes = []
    if not bom.completeness.complete:
        notes.append("the RBOM is incomplete: what its profile lost may be reported as unknown")
    if not bom.saw_start:
        notes.append(
            "no run of the RBOM saw a start: what only a start uses may be reported as unknown"
        )
    if blind := names_of_blind_runs(bom):
        notes.append(
            f"the sensor of some runs of the RBOM ({blind}) saw less than that of the others:"
            " libraries, endpoints and system calls of those runs may be reported as unknown"
        )
    return tuple(notes)
