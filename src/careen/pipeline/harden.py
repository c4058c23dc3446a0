"""The whole chain, from the user's image to a smaller, patched one under the user's tag."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from careen.adequacy.threshold import below
from careen.advisories.database.store import Store, open_store
from careen.errors import CareenError, InputError, PolicyError, VerificationError, WorkloadError
from careen.evidence.directory.layout import ATTESTATIONS, MANIFEST
from careen.inventory.index import write_index
from careen.model.adequacy import Adequacy
from careen.model.attestations.ended import EndedDocuments
from careen.model.catalog.terms import Terms
from careen.model.findings.triage import ObservedBy
from careen.model.patching import PatchPlan, Reach
from careen.model.plan import Plan
from careen.model.rbom import ImageRef, RuntimeBom
from careen.model.runs.completeness import Completeness
from careen.model.runs.compose import HARDENED
from careen.model.runs.engine import PreparedImage
from careen.model.runs.workload import Workload
from careen.model.summary import ReasonShare, Summary, SymbolTotals
from careen.model.verdict import Verdict
from careen.oci.image import Image
from careen.patch.store import patch_plan_object
from careen.pipeline.findings.finding_policy import FindingPolicy, Heard, hear
from careen.pipeline.findings.findings import (
    DOCUMENTS,
    Findings,
    Known,
    compare_findings,
    made_for,
    match_original,
    thresholds_crossed_by_plan,
)
from careen.pipeline.hardening.choices import stated_choices
from careen.pipeline.hardening.fips_options import FIPS_REPORT, FipsOptions
from careen.pipeline.hardening.summary import Facts, summarise
from careen.pipeline.profile import Original, explore_after_profile, scored
from careen.pipeline.profiling.adequacy import measure_adequacy
from careen.pipeline.profiling.carry import carry
from careen.pipeline.profiling.explore import Exploration
from careen.pipeline.profiling.observe import Observation, Subject
from careen.pipeline.profiling.profile import (
    Profile,
    make_profile,
    require_passed,
    run_original,
    runnable,
)
from careen.pipeline.proof.repair import Proven, Proving, prove
from careen.pipeline.proof.verify import Baseline
from careen.pipeline.report import facts_of
from careen.pipeline.run.attachments import attachments_of
from careen.pipeline.run.ended import ended_documents
from careen.pipeline.run.evidence import close_report
from careen.pipeline.run.plan_totals import reason_shares, symbol_totals
from careen.pipeline.run.planned import PlansOfRbom, totalled
from careen.pipeline.run.planning import make_plan
from careen.pipeline.run.previous import with_previous
from careen.pipeline.run.promote import Push, check_destination, packed_first, promote
from careen.pipeline.run.report_documents import SUMMARY, ReportDocuments
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination, PlanChoices, ProofChoices
from careen.pipeline.run.source import Examined, Located, examine, locate, open_located
from careen.pipeline.run.stripping import check_time
from careen.pipeline.upgrading.options import PatchOptions
from careen.plan.decide import require_complete
from careen.plan.store import write_plan
from careen.rbom.cyclonedx import to_cyclonedx
from careen.rbom.merge import merge
from careen.rbom.store import write_rbom
from careen.registries.deliver import Packed
from careen.report.directory import clear_report, write_report
from careen.report.documents.adequacy import adequacy_json
from careen.report.documents.scan import to_scan_json
from careen.report.documents.summary import summary_json
from careen.report.documents.verify import verify_json
from careen.report.finished import PAGE
from careen.report.finished.page import report_html
from careen.triage.policy import check_conditions
from careen.workload.validate import validate_workload

if TYPE_CHECKING:  # few runs patch or are in FIPS mode; these take a quarter second to import
    from careen.pipeline.hardening.fips_first import FipsFirst
    from careen.pipeline.hardening.patch_first import PatchedFirst

REPORT = (
    MANIFEST,
    SUMMARY,
    PAGE,
    "report.md",
    "report.json",
    "report.pdf",
    f"{ATTESTATIONS}/*.sigstore.json",
    "verify.json",
    "plan.json",
    "index.json",
    "rbom.json",
    "rbom.cdx.json",
    "adequacy.json",
    *DOCUMENTS,
    HARDENED,
    *FIPS_REPORT,
    "logs/original/*.log",
    "logs/hardened/*.log",
)
_NOT_YET = "0" * 64
FIPS_HINT = (
    "FIPS mode was on: try the tests on the image without --fips; if they pass there, the work"
    " needs an algorithm that FIPS mode refuses"
)


@dataclass(frozen=True, slots=True)
class Passed:
    """A hardened image that passed, and has no name yet.

    `prepared` is None if it was not run, `packed` if it is not to be pushed.
    """

    image: Image
    prepared: PreparedImage | None
    packed: Packed | None
    original: Examined
    plan: Plan


@dataclass(frozen=True, slots=True)
class Prepared:
    """An image that was changed before it is profiled, and what its plan must keep and remove.

    The manifest has `stated` among the choices of the run.
    """

    image: Examined
    terms: Terms
    stated: Mapping[str, Any] = field(default_factory=dict)


Prepare = Callable[[Examined, Session], AbstractContextManager[Prepared]]
"""Change an image after it was upgraded and before it is profiled."""

Deliver = Callable[["HardenRequest", Passed, Session], tuple[str, ...]]
"""Give an image that passed its names, and return them."""


def deliver(request: "HardenRequest", passed: Passed, session: Session) -> tuple[str, ...]:
    """Promote an image to the destination of the request."""
    attachments = attachments_of(request.report_directory, request.destination)
    return promote(
        passed.image,
        passed.prepared,
        request.destination,
        session,
        Push(passed.packed, attachments),
    )


@dataclass(frozen=True, slots=True)
class HardenRequest:
    """What to harden, how to test it, what to keep, and where the results go.

    Without a database, findings are not counted. With `patch` the image is upgraded first, and
    with `fips` FIPS mode is turned on in it; `prepare` changes it in between. With
    `dry_run` the run ends with the plan and needs no destination. `explored` is the exploration of
    an earlier version, which is carried over in place of exploring again.
    """

    image: str
    workloads: tuple[Workload, ...]
    choices: PlanChoices
    destination: Destination
    report_directory: Path
    database: Path | None = None
    judgement: FindingPolicy = field(default_factory=FindingPolicy)
    proof: ProofChoices = field(default_factory=ProofChoices)
    patch: PatchOptions | None = None
    fips: FipsOptions | None = None
    dry_run: bool = False
    deliver: Deliver = deliver
    closes: bool = True  # a platform's report is complete when the index is promoted
    explored: RuntimeBom | None = None
    prepare: Prepare | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """State before anything runs: the open original, the database and the finding policy.

    `located` is where the original was found, `ended` what was signed and attested of it.
    """

    original: Examined
    located: Located
    store: Store | None
    heard: Heard
    ended: EndedDocuments


_Json = Mapping[str, Any] | None
_Observed = tuple[Profile, tuple[Observation, ...], Exploration | None, RuntimeBom]


@dataclass(frozen=True, slots=True)
class _Base:
    """The image that is profiled: the user's own, upgraded, prepared, in FIPS mode."""

    original: Examined
    patch: "PatchedFirst | None"
    prepared: Prepared | None
    fips: "FipsFirst | None"

    @property
    def image(self) -> Examined:
        if self.fips is not None:
            return self.fips.image
        if self.prepared is not None:
            return self.prepared.image
        return self.patch.image if self.patch is not None else self.original

    @property
    def changed_from(self) -> ImageRef | None:
        """The user's image if its configuration or files were changed, else None."""
        changed = self.fips is not None or self.prepared is not None
        return self.original.image.ref if changed else None

    @property
    def changed(self) -> bool:
        """Whether it has other packages or files than the user's."""
        return self.changed_from is not None or (self.patch is not None and self.patch.changed)


@dataclass(frozen=True, slots=True)
class _Planned:
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


@dataclass(frozen=True, slots=True)
class HardenPreview:
    """Forecast of a run: the plan, the upgrades as in plan.json, and the shares per reason."""

    plan: Plan
    upgrades: Mapping[str, Any] | None
    kept: tuple[ReasonShare, ...]
    removed: tuple[ReasonShare, ...]
    symbols: SymbolTotals | None


def harden(request: HardenRequest, session: Session) -> Summary:
    """Patch, profile, explore, plan, strip, verify, repair, promote.

    Raises VerificationError (exit 3) or PolicyError (exit 2); nothing is promoted then, and the
    evidence so far stays in the report directory.
    """
    with ground((request,), session) as opened:
        return harden_opened(request, opened, session)[0]


@contextmanager
def ground(requests: Sequence[HardenRequest], session: Session) -> Iterator[Ground]:
    """Check the requests and open the image that they share, before any work is done."""
    first = requests[0]
    for request in requests:
        if request.dry_run:
            _refuse_used_report(request.report_directory)
        else:
            check_destination(request.destination, request.image, session)
        for workload in request.workloads:
            validate_workload(workload)
    check_time()
    heard = hear(first.judgement)
    session.require_engine_and_sensor()
    with ExitStack() as open_images:
        store = (
            open_images.enter_context(open_store(first.database))
            if first.database is not None
            else None
        )
        _check_gate(heard, store)
        with session.stage("inspect"):
            located = locate(first.image, session)
            image = open_images.enter_context(open_located(located, session))
            original = examine(image, session)
            ended = ended_documents(located, image.ref, session)
        for request in requests:
            # An unusable directory fails here, not after hours of tests.
            write_report(request.report_directory, {})
            clear_report(request.report_directory, REPORT)
            # What the manifest cannot state is refused before the work, not after it.
            ReportDocuments(request.report_directory).require_plain()
        yield Ground(original, located, store, heard, ended)


def _refuse_used_report(directory: Path) -> None:
    """Refuse a directory with files that a dry run never writes; they belong to another run."""
    found = next(
        (
            name
            for name in (SUMMARY, "verify.json", "patch.json")
            if os.path.lexists(directory / name)
        ),
        None,
    )
    if found is not None:
        msg = (
            f"report directory {str(directory)!r}: has a {found} of another run; name another"
            " directory for a dry run"
        )
        raise InputError(msg)


def harden_opened(
    request: HardenRequest, opened: Ground, session: Session
) -> tuple[Summary, RuntimeBom]:
    """Run `harden` on an open image; return the summary and the RBOM behind the plan."""
    request = replace(request, choices=with_previous(request.choices, session))
    with _planned(request, opened, session) as planned:
        return _strip_and_prove(request, opened, planned, session), planned.bom


def preview_harden(request: HardenRequest, session: Session) -> HardenPreview:
    """Patch, profile, explore and plan; strip, verify and promote nothing.

    Raises as `harden` does up to there. The report directory gets the plan and its evidence.
    """
    request = replace(request, choices=with_previous(request.choices, session))
    with ground((request,), session) as opened, _planned(request, opened, session) as planned:
        rootfs, plan = planned.original.rootfs, planned.plan
        kept, removed = reason_shares(plan.keep, rootfs), reason_shares(plan.remove, rootfs)
        return HardenPreview(
            plan,
            _upgrades(planned.patch, planned.changed_from),
            kept,
            removed,
            symbol_totals(plan, rootfs),
        )


@contextmanager
def _planned(request: HardenRequest, opened: Ground, session: Session) -> Iterator[_Planned]:
    """Yield the image to strip, the user's own or the patched one, with its plan."""
    with ExitStack() as stack:
        patch = None
        if request.patch is not None:
            from careen.pipeline.hardening.patch_first import patched_first

            patch = stack.enter_context(
                patched_first(opened.original, opened.store, opened.heard, request.patch, session)
            )
        base = _Base(opened.original, patch, None, None)
        base = replace(base, prepared=_prepared(request, base.image, stack, session))
        fips = _in_fips_mode(request, base.image, stack, session)
        base = replace(base, fips=fips)
        try:
            observed = _observe(request, base.image, session)
        except WorkloadError as error:
            # With FIPS mode on, nothing tells whether the upgrades are to blame.
            if fips is not None:
                error.add_note(FIPS_HINT)
            if fips or not (
                patch and patch.prove(request.workloads, request.report_directory / "logs")
            ):
                raise
            base = replace(base, prepared=_prepared(request, patch.image, stack, session))
            observed = _observe(request, base.image, session)
        yield _plan(request, opened, base, observed, session)


def _prepared(
    request: HardenRequest, base: Examined, stack: ExitStack, session: Session
) -> Prepared | None:
    if request.prepare is None:
        return None
    return stack.enter_context(request.prepare(base, session))


def _in_fips_mode(
    request: HardenRequest, base: Examined, stack: ExitStack, session: Session
) -> "FipsFirst | None":
    if request.fips is None:
        return None
    from careen.pipeline.hardening.fips_first import fips_first

    return stack.enter_context(fips_first(base, request.fips, session))


def _upgrades(patch: "PatchedFirst | None", changed_from: ImageRef | None) -> _Json:
    """Return the upgrades as plan.json states them.

    `changed_from` is the user's image if FIPS mode was turned on in it, or it was changed to a
    variant: the plan is of another image then, and `careen why` finds the user's by this.
    """
    if patch is not None:
        return patch_plan_object(patch.done.plan)
    if changed_from is None:
        return None
    note = "nothing was upgraded; the image was changed before the plan was made"
    return patch_plan_object(PatchPlan(changed_from, Reach.SECURITY, (), (), notes=(note,)))


def _plan(
    request: HardenRequest,
    opened: Ground,
    base: _Base,
    observed: _Observed,
    session: Session,
) -> _Planned:
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
        _write(
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
    known, patched = _know(request, opened, base, seen, session)
    of_this_image = patched or known
    _early_gate(request, of_this_image, original, plan, opened.heard)
    index = write_index(
        original.rootfs,
        of_this_image.stock if of_this_image is not None else original.inventory,
        original.image.ref,
    )
    _write(
        request,
        {"plan.json": write_plan(plan, _upgrades(patch, base.changed_from)), "index.json": index},
    )
    baseline = Baseline((*seen.observations, *held), exploration, request.proof.noise)
    return _Planned(
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


def _strip_and_prove(
    request: HardenRequest, opened: Ground, planned: _Planned, session: Session
) -> Summary:
    with ExitStack() as results:
        how = Proving(
            request.proof.rounds,
            request.report_directory / "logs" / "hardened",
            planned.plan,
            planned.note,
        )
        proven = results.enter_context(
            prove(planned.original, planned.bom, planned.choices, planned.baseline, how, session)
        )
        return _judge_and_promote(request, _Case(proven, planned, opened), session)


def _observe(request: HardenRequest, original: Examined, session: Session) -> _Observed:
    """Run the workloads on the original, then the held-out tests, then the experiments.

    The RBOM covers workloads and experiments; held-out tests only verify.
    """
    logs = request.report_directory / "logs" / "original"
    with ExitStack() as running:
        with session.stage("profile"):
            prepared = running.enter_context(runnable(original, session))
            subject = Subject(prepared, original.image.config, logs)
            observations = run_original(subject, request.workloads, session)
            if not request.dry_run:
                _write_verdict(request, Verdict(tuple(seen.result for seen in observations), ()))
            require_passed(observations)
            held = run_original(
                subject,
                [workload.only_held_out() for workload in request.workloads if workload.held_out],
                session,
            )
            require_passed(held)
            seen = make_profile(original, observations, session)
        require_complete(seen.bom)  # before the minutes of exploration
        if request.explored is not None:
            carried, share = carry(request.explored, original)
            session.progress.note(
                f"exploration of {request.explored.image.reference}: {share.sentence()}; not run"
                " again"
            )
            return seen, held, None, merge((seen.bom, carried))
        return (
            seen,
            held,
            *explore_after_profile(
                Original(original, prepared, logs), seen, request.proof.effort, session
            ),
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


@dataclass(frozen=True, slots=True)
class _Case:
    """The proof, what was planned, and the state before."""

    proven: Proven
    planned: _Planned
    opened: Ground


def _know(
    request: HardenRequest,
    opened: Ground,
    base: _Base,
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
        known = match_original(opened.original, seen.bom, opened.store, session.known)
        from careen.pipeline.upgrading.known import keep_for_survey

        keep_for_survey(opened.original, known.stock, session)
        _write(request, {"findings.json": to_scan_json(known.report)})
        return known, (
            match_original(base.image, seen.bom, opened.store, session.known)
            if base.changed
            else None
        )


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
        raise _refused(request, gates, "findings.json")


def _refused(request: HardenRequest, gates: tuple[str, ...], name: str) -> PolicyError:
    more = f" (and {len(gates) - 1} more)" if len(gates) > 1 else ""
    where = f" --report-dir {request.report_directory}" if request.dry_run else ""
    see = (
        f"see {request.report_directory / name}, `careen why {request.image} CVE-…{where}`; to"
        " accept a finding, list it in .careenignore with a reason"
    )
    return PolicyError(
        f"a threshold of --fail-on is crossed, nothing was promoted: {gates[0]}{more}; {see}"
    )


def _check_gate(heard: Heard, store: Store | None) -> None:
    """Refuse a `--fail-on` condition that cannot be evaluated, before hours of tests."""
    if heard.fail_on and store is None:
        msg = (
            "--fail-on needs an advisory database: `careen db update` makes one, or name one with"
            " --db"
        )
        raise InputError(msg)
    # The RBOM will be of this image.
    presumed = ObservedBy(workloads=(), seconds=0.0, completeness=Completeness(), checked=())
    check_conditions(
        heard.fail_on, "--fail-on", observed=presumed, feeds=() if store is None else store.feeds()
    )


def _judge_and_promote(request: HardenRequest, case: _Case, session: Session) -> Summary:
    proven = case.proven
    if proven.rounds:
        upgrades = _upgrades(case.planned.patch, case.planned.changed_from)
        _write(request, {"plan.json": write_plan(proven.plan, upgrades)})
    _write_verdict(request, proven.proof.verdict)
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
    summary = summarise(facts)
    try:
        _write(request, {SUMMARY: summary_json(summary)})
        read = ReportDocuments(request.report_directory)
        _write(request, {PAGE: _page(read, case)})
        if request.closes:
            close(request, summary, read, session, case.planned.stated)
    except CareenError as error:
        error.add_note(f"the image passed, and is promoted: {', '.join(places)}")
        raise
    return summary


def _prove_fips(request: HardenRequest, case: _Case, session: Session) -> tuple[str, ...]:
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
        _write(request, fips_documents(found))
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


def _page(read: ReportDocuments, case: _Case) -> bytes:
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
    request: HardenRequest, case: _Case, packed: Packed | None, session: Session
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
        _write(request, dict(found.documents))
    if found.crossed:
        raise _refused(request, found.crossed, "findings-hardened.json")
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


def _write_verdict(request: HardenRequest, verdict: Verdict) -> None:
    _write(request, {"verify.json": verify_json(verdict)})


def _write(request: HardenRequest, files: dict[str, bytes]) -> None:
    write_report(request.report_directory, files)
