"""The image to strip, its plan, and what the plan rests on."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from careen.adequacy.threshold import below
from careen.errors import WorkloadError
from careen.inventory.index import write_index
from careen.model.adequacy import Adequacy
from careen.model.plan import Plan
from careen.model.rbom import ImageRef, RuntimeBom
from careen.pipeline.findings.contents import Contents
from careen.pipeline.findings.finding_policy import Heard
from careen.pipeline.findings.findings import Known, match_original, thresholds_crossed_by_plan
from careen.pipeline.hardening.base import Base, in_fips_mode, prepared_by, upgrades_stated
from careen.pipeline.hardening.ground import Ground
from careen.pipeline.hardening.observed import Observed, observe_original
from careen.pipeline.hardening.request import HardenRequest, refused, write_files
from careen.pipeline.profile import scored
from careen.pipeline.profiling.adequacy import measure_adequacy
from careen.pipeline.profiling.profile import Profile
from careen.pipeline.proof.verify import Baseline
from careen.pipeline.run.planned import PlansOfRbom, totalled
from careen.pipeline.run.planning import make_plan
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import PlanChoices
from careen.pipeline.run.source import Examined
from careen.plan.store import write_plan
from careen.rbom.cyclonedx import to_cyclonedx
from careen.rbom.store import write_rbom
from careen.report.documents.adequacy import adequacy_json
from careen.report.documents.scan import to_scan_json

if TYPE_CHECKING:  # few runs patch or are in FIPS mode; these take a quarter second to import
    from careen.pipeline.hardening.fips_first import FipsFirst
    from careen.pipeline.hardening.patch_first import PatchedFirst


_NOT_YET = "0" * 64

_FIPS_HINT = (
    "FIPS mode was on: try the tests on the image without --fips; if they pass there, the work"
    " needs an algorithm that FIPS mode refuses"
)


@dataclass(frozen=True, slots=True)
class Planned:
    """The image to strip, its plan, and what the plan rests on.

    `note` explains choices that differ from the request. `known` and `patched` are the findings of
    the user's image and of the patched one. `stated` is that of `Prepared`.
    """

    original: Examined
    plan: Plan
    choices: PlanChoices
    note: tuple[str, ...]
    seen: Profile
    baseline: Baseline
    bom: RuntimeBom
    adequacy: Adequacy
    known: Known | None
    patched: Known | None
    patch: "PatchedFirst | None"
    fips: "FipsFirst | None"
    changed_from: ImageRef | None
    stated: Mapping[str, Any]


@contextmanager
def planned_for(request: HardenRequest, opened: Ground, session: Session) -> Iterator[Planned]:
    """Yield the image to strip, the user's own or the patched one, with its plan."""
    with ExitStack() as stack:
        patch = None
        if request.patch is not None:
            from careen.pipeline.hardening.patch_first import patched_first

            patch = stack.enter_context(
                patched_first(opened.original, opened.store, opened.heard, request.patch, session)
            )
        base = Base(opened.original, patch, None, None)
        base = replace(base, prepared=prepared_by(request, base.image, stack, session))
        fips = in_fips_mode(request, base.image, stack, session)
        base = replace(base, fips=fips)
        contents = Contents(base.image, session.known)
        try:
            observed = observe_original(request, contents, session)
        except WorkloadError as error:
            # With FIPS mode on, nothing tells whether the upgrades are to blame.
            if fips is not None:
                error.add_note(_FIPS_HINT)
            if fips or not (
                patch and patch.prove(request.workloads, request.report_directory / "logs")
            ):
                raise
            base = replace(base, prepared=prepared_by(request, patch.image, stack, session))
            contents = Contents(base.image, session.known)
            observed = observe_original(request, contents, session)
        yield _plan(request, opened, base, contents, observed, session)


def _plan(
    request: HardenRequest,
    opened: Ground,
    base: Base,
    contents: Contents,
    observed: Observed,
    session: Session,
) -> Planned:
    """Make the plan, look up the findings, and write both to the report.

    Raises PolicyError if the plan shows that a threshold will be crossed.
    """
    original, patch, fips = base.image, base.patch, base.fips
    if fips is not None:
        keep = (*request.choices.keep, *fips.kept)
        request = replace(request, choices=replace(request.choices, keep=keep))
    if base.prepared is not None:
        choices = replace(request.choices, terms=base.prepared.terms)
        request = replace(request, choices=choices)
    seen, held, exploration, bom = observed
    with session.stage("plan"):
        # The RBOM that the plan is of will state the plan's adequacy, too.
        draft = make_plan(original, bom, request.choices, _NOT_YET)
        adequacy = measure_adequacy(original, seen, exploration, draft)
        bom = scored(bom, adequacy)
        document = write_rbom(bom)
        write_files(
            request,
            {
                "rbom.json": document,
                "rbom.cdx.json": to_cyclonedx(bom),
                "adequacy.json": adequacy_json(adequacy),
            },
        )
        choices, note = _at_adequacy(adequacy, request)
        plan = (
            replace(draft, rbom_sha256=hashlib.sha256(document).hexdigest())
            if choices == request.choices
            else make_plan(original, bom, choices)
        )
        if (of_rbom := PlansOfRbom.of(document, choices, session)) is not None:
            of_rbom.remember(totalled(plan, original.rootfs))
        plan = replace(plan, notes=(*plan.notes, *note))
    known, patched = _know(request, opened, base, contents, seen, session)
    of_this_image = patched or known
    _early_gate(request, of_this_image, original, plan, opened.heard)
    index = write_index(
        original.rootfs,
        of_this_image.stock if of_this_image is not None else original.inventory,
        original.image.ref,
    )
    write_files(
        request,
        {
            "plan.json": write_plan(plan, upgrades_stated(patch, base.changed_from)),
            "index.json": index,
        },
    )
    baseline = Baseline((*seen.observations, *held), exploration, request.proof.noise)
    return Planned(
        original,
        plan,
        choices,
        note,
        seen,
        baseline,
        bom,
        adequacy,
        known,
        patched,
        patch,
        fips,
        base.changed_from,
        {} if base.prepared is None else base.prepared.stated,
    )


def _at_adequacy(adequacy: Adequacy, request: HardenRequest) -> tuple[PlanChoices, tuple[str, ...]]:
    """Return the plan choices for an adequacy, and a note if they differ from the request.

    Raises PolicyError.
    """
    minimum = request.proof.minimum
    reason = below(adequacy, minimum) if minimum is not None else None
    choices = request.proof.at_adequacy(
        reason,
        request.choices,
        f", nothing was promoted; see {request.report_directory / 'adequacy.json'}",
    )
    return choices, (
        () if reason is None else (f"{reason}: whole packages are kept (level package)",)
    )


def _know(
    request: HardenRequest,
    opened: Ground,
    base: Base,
    contents: Contents,
    seen: Profile,
    session: Session,
) -> tuple[Known | None, Known | None]:
    """Return the findings of the original and of the patched image, and write the first.

    Without a database both are None; the second is None, too, if nothing was patched.
    """
    if opened.store is None:
        return None, None
    with session.stage("findings"):
        session.say("comparing the original with the advisories")
        users = opened.original
        known = match_original(
            contents if contents.examined is users else Contents(users, session.known),
            seen.bom,
            opened.store,
        )
        from careen.pipeline.upgrading.known import keep_for_survey

        keep_for_survey(opened.original, known.stock, session)
        write_files(request, {"findings.json": to_scan_json(known.report)})
        return known, (match_original(contents, seen.bom, opened.store) if base.changed else None)


def _early_gate(
    request: HardenRequest, known: Known | None, original: Examined, plan: Plan, heard: Heard
) -> None:
    """Raise PolicyError if the plan shows that a threshold will be crossed."""
    gates = (
        thresholds_crossed_by_plan(known, original, plan, heard)
        if known is not None and heard.fail_on
        else ()
    )
    if gates:
        raise refused(request, gates, "findings.json")
