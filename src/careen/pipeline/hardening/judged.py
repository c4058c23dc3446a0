"""Judge a proven result, promote it, and close its report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from careen.errors import VerificationError
from careen.model.summary import Summary
from careen.pipeline.findings.findings import Findings, compare_findings, made_for
from careen.pipeline.hardening.base import upgrades_stated
from careen.pipeline.hardening.choices import stated_choices
from careen.pipeline.hardening.fips_options import FIPS_REPORT
from careen.pipeline.hardening.ground import Ground
from careen.pipeline.hardening.planned import Planned
from careen.pipeline.hardening.request import (
    HardenRequest,
    Passed,
    refused,
    write_files,
    write_verdict,
)
from careen.pipeline.hardening.summary import Facts, summarise
from careen.pipeline.proof.repair import Proven
from careen.pipeline.report import facts_of
from careen.pipeline.run.evidence import close_report
from careen.pipeline.run.promote import packed_first
from careen.pipeline.run.report_documents import SUMMARY, ReportDocuments
from careen.pipeline.run.session import Session
from careen.plan.store import write_plan
from careen.registries.deliver import Packed
from careen.report.documents.summary import summary_json
from careen.report.finished import PAGE
from careen.report.finished.page import report_html


@dataclass(frozen=True, slots=True)
class Case:
    """The proof, what was planned, and the state before."""

    proven: Proven
    planned: Planned
    opened: Ground


def judge_and_promote(request: HardenRequest, case: Case, session: Session) -> Summary:
    """Judge what was proven, promote it, and return the summary of the run.

    Raises VerificationError or PolicyError; nothing is promoted then.
    """
    proven = case.proven
    if proven.rounds:
        upgrades = upgrades_stated(case.planned.patch, case.planned.changed_from)
        write_files(request, {"plan.json": write_plan(proven.plan, upgrades)})
    write_verdict(request, proven.proof.verdict)
    try:
        if not proven.proof.verdict.passed:
            raise VerificationError(
                failure_text(proven.proof.verdict.failures(), request.report_directory)
                + _tried(proven)
            )
        in_fips_mode = _prove_fips(request, case, session)
        image = proven.candidate.result.image
        packed = packed_first(image, request.destination, session)
        findings = _findings(request, case, packed, session)
        with session.stage("promote"):
            passed = Passed(
                image,
                proven.proof.prepared,
                packed,
                proven.candidate.original,
                proven.plan,
            )
            places = request.deliver(request, passed, session)
    finally:
        if proven.proof.prepared is not None:
            session.engine.discard(proven.proof.prepared)
    facts = Facts(
        proven.candidate,
        case.planned.seen,
        proven.proof.verdict,
        places,
        str(request.report_directory),
        session,
        findings,
        case.planned.baseline.exploration,
        case.planned.bom,
        case.planned.adequacy,
        before=case.opened.original,
        ended=case.opened.ended,
        patched=case.planned.patch.totals() if case.planned.patch is not None else None,
        fips=in_fips_mode,
    )
    try:
        summary = summarise(facts)
        write_files(request, {SUMMARY: summary_json(summary)})
        read = ReportDocuments(request.report_directory)
        write_files(request, {PAGE: _page(read, case)})
        if request.closes:
            close(request, summary, read, session, case.planned.stated)
    except BaseException as error:  # signals, too
        error.add_note(f"the image passed, and is promoted: {', '.join(places)}")
        raise
    return summary


def _prove_fips(request: HardenRequest, case: Case, session: Session) -> tuple[str, ...]:
    """Write what FIPS mode is in the result, and return it in words.

    Raises VerificationError if it is not shown.
    """
    fips, prepared = case.planned.fips, case.proven.proof.prepared
    if fips is None:
        return ()
    if prepared is None:
        msg = "FIPS mode is not shown, nothing was promoted: the hardened image was not run"
        raise VerificationError(msg)
    from careen.pipeline.hardening.fips_first import require_shown
    from careen.pipeline.hardening.fips_report import fips_documents, fips_words

    with session.stage("verify"):
        result = case.proven.candidate.result
        found = fips.report(result, prepared, case.planned.bom, session)
        write_files(request, fips_documents(found))
        require_shown(found, request.report_directory / FIPS_REPORT[0])
        return fips_words(found)


def close(
    request: HardenRequest,
    summary: Summary,
    read: ReportDocuments,
    session: Session,
    stated: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Write the manifest of the report, and record the run in the history of the image.

    `stated` stands beside the user's choices.
    """
    choices = stated_choices(
        request.choices,
        request.proof,
        request.judgement,
        patch=request.patch is not None,
        fips=request.fips,
    )
    close_report(read, summary, {**choices, **stated}, session)


def _page(read: ReportDocuments, case: Case) -> bytes:
    original = case.proven.candidate.original
    return report_html(
        facts_of(
            read,
            case.proven.plan,
            case.planned.bom,
            original.rootfs,
            original.inventory,
        )
    )


def _findings(
    request: HardenRequest, case: Case, packed: Packed | None, session: Session
) -> Findings | None:
    """Compare the findings of both images and write them to the report.

    `packed` is the result as it will be pushed. Raises PolicyError if it crosses a threshold.
    """
    store, heard = case.opened.store, case.opened.heard
    if store is None or case.planned.known is None:
        return None
    with session.stage("findings"):
        session.say("following each finding into the hardened image")
        made = made_for(case.proven.candidate.result, request.destination, packed)
        found = compare_findings(case.planned.known, made, store, heard, case.planned.patched)
        session.known.keep(made.result.image.ref, made.result.rootfs, found.stock)
        write_files(request, dict(found.documents))
    if found.crossed:
        raise refused(request, found.crossed, "findings-hardened.json")
    return found


def failure_text(failures: Sequence[str], report_directory: Path) -> str:
    """Return the line that says why nothing was promoted."""
    more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
    hardened = report_directory / "logs" / "hardened"
    logs = (
        # There are no logs if the bytes were not as planned: such an image is not run.
        f", logs in {hardened}" if hardened.is_dir() else ""
    )
    return (
        f"verification failed, nothing was promoted: {failures[0]}{more}; see"
        f" {report_directory / 'verify.json'}{logs}"
    )


def _tried(proven: Proven) -> str:
    """Return what repair did about a failure."""
    paths = sum(each.paths for each in proven.rounds)
    tried = (
        f"; repair restored {paths:,} paths in {len(proven.rounds)} rounds, which was not enough"
        if proven.rounds
        else ""
    )
    return tried + (f"; repair gave up: {proven.note}" if proven.note else "")
