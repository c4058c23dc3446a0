"""Upgrade vulnerable packages, test the result, and only then promote it."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from careen.advisories.database.store import Store, open_store
from careen.errors import CareenError, PolicyError, VerificationError
from careen.model.attestations.ended import EndedDocuments
from careen.model.findings.finding import Finding
from careen.model.patching import PatchResult
from careen.model.rbom import ImageRef
from careen.model.runs.workload import Workload
from careen.oci.created import created_from_environment
from careen.oci.tree.rootfs import Rootfs
from careen.patch.store import write_patch_plan
from careen.pipeline.findings.contents import Contents
from careen.pipeline.findings.finding_policy import FindingPolicy, Heard, hear
from careen.pipeline.findings.findings import (
    Known,
    compare_findings,
    made_for,
    match_original,
    match_stock,
)
from careen.pipeline.findings.scan import suppress
from careen.pipeline.findings.scan_source import Stock
from careen.pipeline.profiling.profile import runnable, runnable_in_store
from careen.pipeline.run.attachments import attachments_of
from careen.pipeline.run.ended import ended_documents
from careen.pipeline.run.promote import Push, check_destination, packed_first, promote
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination
from careen.pipeline.run.source import Examined, examine, locate, open_located
from careen.pipeline.run.stripping import check_time
from careen.pipeline.upgrading.known import KnownImage, keep_for_survey, known_image
from careen.pipeline.upgrading.options import PatchOptions
from careen.pipeline.upgrading.patching import patching
from careen.pipeline.upgrading.sandbox import require_sandbox
from careen.pipeline.upgrading.survey import Survey, surveying
from careen.pipeline.upgrading.trial import Tests
from careen.pipeline.upgrading.upgrades import Upgraded, Upgrader
from careen.report.directory import clear_report, held_report, write_report
from careen.report.documents.patch import patch_json
from careen.report.documents.scan import to_scan_json
from careen.report.ended_words import ended_words
from careen.workload.validate import validate_workload

AFTER = "findings-patched.json"
REPORT = (
    "plan.json",
    "patch.json",
    "findings.json",
    AFTER,
    "vex.openvex.json",
    "sbom.cdx.json",
    "sbom.spdx.json",
    "logs/original/*.log",
    "logs/patched/*.log",
)
_NAMED = 3  # upgrades of a group that was dropped
NO_LONGER = "signatures and attestations of {digest} are not valid for the new image: {found}"


@dataclass(frozen=True, slots=True)
class PatchRequest:
    """What to patch, how to test it, and where the results go.

    Without workloads the result is only read back. With `plan_only` nothing is changed. `noop` is
    the exit status of a run that found nothing to patch; if it is 0, the destination names the
    original.
    """

    image: str
    wishes: PatchOptions
    workloads: tuple[Workload, ...]
    destination: Destination
    report_directory: Path
    database: Path
    judgement: FindingPolicy = field(default_factory=FindingPolicy)
    noop: int = 0
    plan_only: bool = False


def patch(request: PatchRequest, session: Session) -> PatchResult:
    """Survey, upgrade, read back, test, promote.

    Raises ToolError (a source, a package manager, the engine), VerificationError (exit 3),
    PolicyError (exit 2) or WorkloadError. Nothing is promoted then, and the evidence so far stays
    in the report directory.
    """
    if not request.plan_only:
        check_destination(request.destination, request.image, session)
    for workload in request.workloads:
        validate_workload(workload)
    check_time()
    heard = hear(request.judgement)
    require_sandbox(session, request.wishes.choices)
    for words in request.wishes.taken:
        session.progress.note(words)
    with ExitStack() as stack:
        store = stack.enter_context(open_store(request.database))
        with session.stage("inspect"):
            located = locate(request.image, session)
            stored = known_image(located, session, stack) if request.plan_only else None
            if stored is None:
                original = examine(stack.enter_context(open_located(located, session)), session)
            # Before any work: a registry that does not answer must not part a promoted image from
            # its record.
            if not request.plan_only:
                ended = ended_documents(located, original.image.ref, session)
        stack.enter_context(held_report(request.report_directory))
        clear_report(request.report_directory, REPORT)
        if stored is not None:
            return _planned(request, stored, store, heard, session)
        with session.stage("findings"):
            known = match_original(Contents(original, session.known), None, store)
            keep_for_survey(original, known.stock, session)
            _write(request, {"findings.json": to_scan_json(known.report)})
        ready = stack.enter_context(patching(original, known.stock, request.wishes, session))
        wanted = unsuppressed(known, original.image.ref, original.rootfs, heard)
        if request.plan_only:
            return _surveyed(request, ready.survey, known, wanted, session)
        upgrader = Upgrader(
            ready, store, tuple(item.finding for item in known.items), wanted, session
        )
        upgraded = upgrader.run(Tests(request.workloads, request.report_directory / "logs"))
        if upgraded.attempt is not None:
            stack.callback(upgraded.attempt.close)
        _write(request, {"plan.json": write_patch_plan(upgraded.plan)})
        case = _Case(original, known, upgraded, heard, ended)
        return _promoted(request, case, upgrader, session)


def _planned(
    request: PatchRequest, stored: KnownImage, store: Store, heard: Heard, session: Session
) -> PatchResult:
    """Say what would be upgraded in an image that is not opened."""
    image = stored.asked
    ref = image.ref
    with session.stage("findings"):
        known = match_stock(
            Stock(ref.reference, ref.digest, image.stock, ref, image.rootfs), None, store
        )
        _write(request, {"findings.json": to_scan_json(known.report)})
    created = created_from_environment(os.environ, stored.config)
    with (
        runnable_in_store(
            stored.image_id, stored.config.platform, ref.reference, session
        ) as prepared,
        surveying(image, prepared, created, request.wishes, session) as survey,
    ):
        wanted = unsuppressed(known, ref, image.rootfs, heard)
        return _surveyed(request, survey, known, wanted, session)


def _surveyed(
    request: PatchRequest,
    survey: Survey,
    known: Known,
    wanted: Sequence[Finding],
    session: Session,
) -> PatchResult:
    with session.stage("survey"):
        plan = survey.ask(wanted)
    _write(request, {"plan.json": write_patch_plan(plan)})
    nothing = Upgraded(plan, None, tests="nothing was done: only the plan was asked for")
    return _result(request, nothing, known, session)


def unsuppressed(known: Known, ref: ImageRef, rootfs: Rootfs, heard: Heard) -> tuple[Finding, ...]:
    """Return the findings of an image that neither VEX nor the ignore file suppresses."""
    judged = suppress(
        known.items, heard, Stock(ref.reference, ref.digest, known.stock, ref, rootfs)
    )
    return tuple(item.finding for item in judged.findings)


@dataclass(frozen=True, slots=True)
class _Case:
    original: Examined
    known: Known
    upgraded: Upgraded
    heard: Heard
    ended: EndedDocuments


def _promoted(
    request: PatchRequest, case: _Case, upgrader: Upgrader, session: Session
) -> PatchResult:
    attempt = case.upgraded.attempt
    result = _result(request, case.upgraded, case.known, session)
    if attempt is None and case.upgraded.dropped:
        _write(request, {"patch.json": patch_json(result)})
        msg = (
            f"no upgrade could be kept, nothing was promoted: {_dropped_for(case.upgraded)}; see"
            f" {request.report_directory / 'patch.json'}"
        )
        raise VerificationError(msg)
    if attempt is None:
        places = _promote_original(request, case, session)
        result = replace(result, places=places)
    else:
        packed = packed_first(attempt.result.image, request.destination, session)
        with session.stage("findings"):
            made = made_for(attempt.result, request.destination, packed, AFTER)
            found = compare_findings(case.known, made, upgrader.store, case.heard)
            session.known.keep(made.result.image.ref, made.result.rootfs, found.stock)
            _write(request, dict(found.documents))
        if found.crossed:
            more = f" (and {len(found.crossed) - 1} more)" if len(found.crossed) > 1 else ""
            msg = (
                "a threshold of --fail-on is crossed, nothing was promoted:"
                f" {found.crossed[0]}{more}; see {request.report_directory / AFTER}"
            )
            raise PolicyError(msg)
        with session.stage("promote"):
            attachments = attachments_of(request.report_directory, request.destination)
            places = promote(
                attempt.result.image,
                attempt.prepared(),
                request.destination,
                session,
                Push(packed, attachments),
            )
        ref, ended = case.original.image.ref, case.ended
        kinds = [each.kind.value for each in ended.documents]
        first = ended.documents[0].digest if kinds else ""
        lost = NO_LONGER.format(digest=ref.digest, found=ended_words(kinds, first, ended.unknown))
        result = replace(
            result,
            after=found.hardened,
            places=places,
            notes=(*result.notes, lost),
            ended=ended,
            seconds=_seconds(session),
        )
    try:
        _write(request, {"patch.json": patch_json(result)})
    except CareenError as error:
        error.add_note(f"the image is promoted: {', '.join(result.places)}")
        raise
    return result


def _dropped_for(upgraded: Upgraded) -> str:
    """Return what was dropped first, and why."""
    first = upgraded.dropped[0]
    names = ", ".join(f"{each.name} {each.target}" for each in first.upgrades[:_NAMED])
    more = (
        f" (and {len(upgraded.dropped) - 1} more groups of upgrades)"
        if len(upgraded.dropped) > 1
        else ""
    )
    return f"{names}: {first.reason}{more}"


def _promote_original(request: PatchRequest, case: _Case, session: Session) -> tuple[str, ...]:
    """Promote the original if nothing was upgraded, unless an exit status was asked for instead."""
    # Later steps of a pipeline find the name that they expect.
    if request.noop:
        return ()
    image, destination = case.original.image, request.destination
    with session.stage("promote"):
        if destination.tag is None:
            return promote(image, None, destination, session)
        with runnable(case.original, session) as prepared:
            return promote(image, prepared, destination, session)


def _result(
    request: PatchRequest, upgraded: Upgraded, known: Known, session: Session
) -> PatchResult:
    from careen.triage.accounting import count

    before = count(known.items, known.report)
    attempt = upgraded.attempt
    return PatchResult(
        plan=upgraded.plan,
        upgraded=upgraded.upgraded,
        dropped=upgraded.dropped,
        before=before,
        after=before,
        image=attempt.result.image.ref.digest if attempt is not None else "",
        layer_bytes=attempt.layer_bytes if attempt is not None else 0,
        tests=upgraded.tests,
        seconds=_seconds(session),
        notes=(*upgraded.plan.notes, *upgraded.notes),
        report_directory=str(request.report_directory),
    )


def _seconds(session: Session) -> dict[str, float]:
    return {
        **{name: round(seconds, 3) for name, seconds in session.seconds.items()},
        "total": round(session.total, 3),
    }


def _write(request: PatchRequest, files: dict[str, bytes]) -> None:
    write_report(request.report_directory, files)
