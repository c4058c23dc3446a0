"""Harden: the whole chain, from the user's image to a smaller one under the user's tag."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from careen.advisories.store import Store, open_store
from careen.errors import CareenError, InputError, PolicyError, VerificationError
from careen.inventory.index import write_index
from careen.model.plan import Plan
from careen.model.summary import Summary
from careen.model.triage import ObservedBy
from careen.model.verdict import Verdict
from careen.model.workload import Workload
from careen.pipeline.findings import DOCUMENTS, Findings, Known, compare_findings, crossed_by_plan, know_original
from careen.pipeline.judgement import Heard, Judgement, hear
from careen.pipeline.observe import Subject
from careen.pipeline.planning import make_plan
from careen.pipeline.profile import Profile, make_profile, run_original, runnable
from careen.pipeline.promote import check_destination, promote
from careen.pipeline.session import Session
from careen.pipeline.settings import Destination, PlanChoices
from careen.pipeline.source import Examined, examine, open_source
from careen.pipeline.strip import check_time, make_stripped
from careen.pipeline.summarise import Facts, summarise
from careen.pipeline.verify import Baseline, Candidate, verify
from careen.plan.store import write_plan
from careen.rbom.cyclonedx import to_cyclonedx
from careen.rbom.store import write_rbom
from careen.report.directory import clear_report, write_report
from careen.report.scan_json import to_scan_json
from careen.report.summary_json import summary_json
from careen.report.verify_json import verify_json
from careen.triage.policy import check_conditions
from careen.workload.validate import validate_workload

REPORT = ("summary.json", "verify.json", "plan.json", "index.json", "rbom.json", "rbom.cdx.json", *DOCUMENTS, "logs/original/*.log", "logs/hardened/*.log")


@dataclass(frozen=True, slots=True)
class HardenRequest:
    """What to harden, how it is tested, what to keep, where results go, and what its findings are judged by (without a database they are not counted)."""

    image: str
    workloads: tuple[Workload, ...]
    choices: PlanChoices
    destination: Destination
    report_directory: Path
    database: Path | None = None
    judgement: Judgement = field(default_factory=Judgement)


def harden(request: HardenRequest, session: Session) -> Summary:
    """Profile, plan, strip, verify, promote. Raises VerificationError (exit 3) or PolicyError (exit 2) with nothing promoted.

    The evidence so far stays in the report directory.
    """
    check_destination(request.destination, request.image)
    check_time()
    heard = hear(request.judgement)
    for workload in request.workloads:
        validate_workload(workload)
    session.require_means()
    with ExitStack() as open_images:
        store = open_images.enter_context(open_store(request.database)) if request.database is not None else None
        _check_gate(heard, store)
        with session.stage("inspect"):
            original = examine(open_images.enter_context(open_source(request.image, session)), session)
        write_report(request.report_directory, {})  # a place that cannot be had is found out before hours of tests
        clear_report(request.report_directory, REPORT)
        with session.stage("profile"):
            with runnable(original, session) as prepared:
                subject = Subject(prepared, original.image.config, request.report_directory / "logs" / "original")
                observations = run_original(subject, request.workloads, session)
            _write_verdict(request, Verdict(tuple(seen.result for seen in observations), ()))
            seen = make_profile(original, observations, session)
        _write(request, {"rbom.json": write_rbom(seen.bom), "rbom.cdx.json": to_cyclonedx(seen.bom)})
        with session.stage("plan"):
            plan = make_plan(original, seen.bom, request.choices)
        known = _know(request, original, seen, store, session)
        _early_gate(request, known, original, plan, heard)
        index = write_index(original.rootfs, original.inventory, original.image.ref.config_digest)
        _write(request, {"plan.json": write_plan(plan), "index.json": index})
        with session.stage("strip"):
            result = examine(open_images.enter_context(make_stripped(original, plan, session)), session)
        return _prove_and_promote(request, _Case(Candidate(original, plan, result), seen, store, known, heard), session)


@dataclass(frozen=True, slots=True)
class _Case:
    """What there is to prove, and what to judge the findings by."""

    candidate: Candidate
    seen: Profile
    store: Store | None
    known: Known | None
    heard: Heard


def _know(request: HardenRequest, original: Examined, seen: Profile, store: Store | None, session: Session) -> Known | None:
    """Find out what is known against the original, and write it down; None without a database."""
    if store is None:
        return None
    with session.stage("findings"):
        session.say("comparing the original with the advisories")
        known = know_original(original, seen.bom, store)
        _write(request, {"findings.json": to_scan_json(known.report)})
    return known


def _early_gate(request: HardenRequest, known: Known | None, original: Examined, plan: Plan, heard: Heard) -> None:
    """Stop before anything is stripped and tested when the plan itself says that a threshold will be crossed."""
    gates = crossed_by_plan(known, original, plan, heard) if known is not None and heard.fail_on else ()
    if gates:
        raise _refused(request, gates, "findings.json")


def _refused(request: HardenRequest, gates: tuple[str, ...], name: str) -> PolicyError:
    more = f" (and {len(gates) - 1} more)" if len(gates) > 1 else ""
    see = f"see {request.report_directory / name}, `careen why {request.image} CVE-…`; a line in .careenignore with its reason lets one through"
    return PolicyError(f"a threshold of --fail-on is crossed, nothing was promoted: {gates[0]}{more}; {see}")


def _check_gate(heard: Heard, store: Store | None) -> None:
    """Refuse a gate that nothing could answer before hours of tests. The RBOM will be of this very image."""
    if heard.fail_on and store is None:
        msg = "--fail-on needs an advisory database: `careen db update` makes one, or name one with --db"
        raise InputError(msg)
    presumed = ObservedBy(workloads=(), seconds=0.0, lost=0, checked=())
    check_conditions(heard.fail_on, "--fail-on", observed=presumed, feeds=() if store is None else store.feeds())


def _prove_and_promote(request: HardenRequest, case: _Case, session: Session) -> Summary:
    candidate, seen = case.candidate, case.seen
    with session.stage("verify"):
        proof = verify(candidate, Baseline(seen.observations), request.report_directory / "logs" / "hardened", session)
    verdict, prepared = proof.verdict, proof.prepared
    _write_verdict(request, verdict)
    try:
        if not verdict.passed:
            raise VerificationError(failure_text(verdict.failures(), request.report_directory))
        findings = _findings(request, case, session)
        with session.stage("promote"):
            places = promote(candidate.result.image, prepared, request.destination, session)
    finally:
        if prepared is not None:
            session.engine.discard(prepared)
    facts = Facts(candidate, seen, verdict, places, str(request.report_directory), session, findings)
    summary = summarise(facts)
    try:
        _write(request, {"summary.json": summary_json(summary)})
    except CareenError as error:
        error.add_note(f"the image passed, and is promoted: {', '.join(places)}")
        raise
    return summary


def _findings(request: HardenRequest, case: _Case, session: Session) -> Findings | None:
    """Compare the findings of both images and write them down. Raises PolicyError when the hardened one crosses a threshold."""
    if case.store is None or case.known is None:
        return None
    with session.stage("findings"):
        session.say("following each finding into the hardened image")
        found = compare_findings(case.known, case.candidate, request.destination.describe()[0], case.store, case.heard)
        _write(request, dict(found.documents))
    if found.crossed:
        raise _refused(request, found.crossed, "findings-hardened.json")
    return found


def failure_text(failures: Sequence[str], report_directory: Path) -> str:
    """Return the one line that says why nothing was promoted."""
    more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
    hardened = report_directory / "logs" / "hardened"
    logs = f", logs in {hardened}" if hardened.is_dir() else ""  # an image whose bytes are not as planned is not run
    return f"verification failed, nothing was promoted: {failures[0]}{more}; see {report_directory / 'verify.json'}{logs}"


def _write_verdict(request: HardenRequest, verdict: Verdict) -> None:
    _write(request, {"verify.json": verify_json(verdict)})


def _write(request: HardenRequest, files: dict[str, bytes]) -> None:
    write_report(request.report_directory, files)
