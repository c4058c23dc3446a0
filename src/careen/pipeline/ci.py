"""The one run of a pipeline: find the last result of this name, and do only what has changed."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from careen.advisories.database.store import open_store
from careen.errors import CareenError, ConfigError
from careen.evidence.directory.layout import ATTESTATIONS
from careen.model.findings.triage import ScanReport
from careen.model.integration import Decision, KnownFinding, Mode, Outcome, Step
from careen.oci.reference import RegistryImage, parse_reference
from careen.pipeline.findings.finding_policy import Heard, hear
from careen.pipeline.findings.scan import Given, report_on
from careen.pipeline.findings.scan_source import Stock
from careen.pipeline.integrating.decide import (
    EVERYWHERE,
    Inputs,
    Whereabouts,
    decide,
    fixable_in,
)
from careen.pipeline.integrating.delivery import bring, whereabouts
from careen.pipeline.integrating.documents import clear_documents, write_documents
from careen.pipeline.integrating.evidence_files import files_of
from careen.pipeline.integrating.fixes import for_fixes
from careen.pipeline.integrating.inputs import look, result_digest
from careen.pipeline.integrating.outcome import outcome_of
from careen.pipeline.integrating.request import CiRequest
from careen.pipeline.integrating.state import ADVICE, Key, Stored, read_state, write_state
from careen.pipeline.integrating.stored import (
    drop_previous,
    evidence_of,
    kept_index,
    known_of,
    rbom_at,
    renewed,
    report_again,
    require_own,
    set_aside,
    standing_of,
)
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import locate
from careen.pipeline.run.timestamp import now
from careen.pipeline.watching.inputs import feeds_of
from careen.pipeline.watching.lock import only_pass
from careen.triage.policy import check_conditions

if TYPE_CHECKING:
    from careen.pipeline.integrating.work import Done, Last


@dataclass(frozen=True, slots=True)
class _Case:
    """A run: what the last one left, what is there now, where its evidence and its result are."""

    request: CiRequest
    stored: Stored | None
    inputs: Inputs
    place: str
    evidence: Path
    heard: Heard
    session: Session
    begun: float
    at: Whereabouts = EVERYWHERE

    @property
    def known(self) -> tuple[KnownFinding, ...] | None:
        """The findings of the last good run."""
        return None if self.stored is None else self.stored.findings


def integrate(request: CiRequest, session: Session) -> Outcome:
    """Bring the result of a name up to date with its image, its settings and the advisories.

    Writes the documents; the outcome names them. A failure of the work is an outcome with its exit
    status; the last result stays. Raises InputError, ConfigError or ToolError if the run cannot
    begin, or another one of the name runs.
    """
    begun = time.monotonic()
    heard = hear(request.judgement)
    with only_pass(request.folder, now(), ADVICE):
        clear_documents(request)
        notes: tuple[str, ...] = ()
        try:
            stored = read_state(request.folder)
        except ConfigError as error:
            stored, notes = None, (f"the state of the last run is not used: {error}",)
        with session.stage("inspect"):
            inputs, place = look(request, stored, session)
            decision, evidence, at = _decided(request, stored, inputs, session)
        case = _Case(request, stored, inputs, place, evidence, heard, session, begun, at)
        outcome = _worked(case, decision)
        outcome = replace(
            outcome,
            notes=(*notes, *outcome.notes),
            seconds=round(time.monotonic() - begun, 3),
        )
        # Another run of the name must not write its own between these.
        return write_documents(request, outcome)


def _decided(
    request: CiRequest, stored: Stored | None, inputs: Inputs, session: Session
) -> tuple[Decision, Path, Whereabouts]:
    if stored is None:
        first = Decision(Step.WHOLE, ("no earlier result of this name",))
        return first, request.evidence, EVERYWHERE
    if request.again:
        return Decision(Step.WHOLE, ("asked for",)), evidence_of(request, stored)[0], EVERYWHERE
    standing, evidence = standing_of(request, stored, session)
    return decide(stored, inputs, standing), evidence, standing.at


def _worked(case: _Case, decision: Decision) -> Outcome:
    if decision.step in (Step.CHECK, Step.SCAN) and case.stored is not None:
        report = _again(case)
        request, known = case.request, case.stored.fixable
        decision, blocked = for_fixes(request, decision, known, report, case.evidence, case.session)
        if decision.step in (Step.CHECK, Step.SCAN):
            return replace(_brought(case, case.stored, decision, report), blocked=blocked)
    try:
        return _made(case, decision)
    except CareenError as error:
        return _failed(case, decision, error)


def _again(case: _Case) -> ScanReport | None:
    """Return the findings of the stored result now, None without a database."""
    request, stored = case.request, case.stored
    if request.database is None or stored is None:
        return None
    index = kept_index(request.folder, stored.result)
    if index is None:
        msg = f"{request.folder}: the stored inventory was removed during the run; run it again"
        raise ConfigError(msg)
    with case.session.stage("findings"), open_store(request.database) as store:
        return report_again(request, case.evidence, index, store, case.heard)


def _brought(case: _Case, stored: Stored, decision: Decision, report: ScanReport | None) -> Outcome:
    """Return the outcome of a run that ran nothing, with the result at all names asked for."""
    # What crosses a threshold is not given to anybody else.
    if case.at.missing and not (report is not None and report.crossed):
        try:
            stored = _brought_to(case, stored, case.at, case.evidence)
        except CareenError as error:
            outcome = _passed(case, decision, stored, report)
            failure, status = _words(error), error.exit_status
            outcome = replace(outcome, failure=failure, status=status)
            return replace(outcome, places=(case.at.source,), undelivered=True)
    return _rested(case, stored, decision, report)


def _rested(case: _Case, stored: Stored, decision: Decision, report: ScanReport | None) -> Outcome:
    """Return the outcome of a run that ran nothing; what is known now is for the next run."""
    request = case.request
    stored = renewed(stored, case.inputs, case.place, report, request.about)
    write_state(request.folder, stored)
    outcome = _passed(case, decision, stored, report)
    outcome = replace(outcome, saved_seconds=stored.milliseconds / 1000, made=stored.made)
    return _signed(case, stored, outcome)


def _made(case: _Case, decision: Decision) -> Outcome:
    """Do the work, and store the result as the last good one."""
    request, session = case.request, case.session
    if request.database is not None:
        with open_store(request.database) as store:
            feeds = store.feeds()
            if request.mode is Mode.SCAN and not request.workloads:
                check_conditions(case.heard.fail_on, "--fail-on", observed=None, feeds=feeds)
    # Its imports take longer than a run that does nothing.
    from careen.pipeline.integrating.work import work

    last = _last(case) if decision.step is Step.PROFILE else None
    if last is not None and last.explored is not None and not request.explore_always:
        told = "what exploration found in the last run is carried over, not run again"
        decision = replace(decision, reasons=(*decision.reasons, told))
    require_own(request, case.stored)
    if case.stored is not None:
        set_aside(request, case.evidence)
    wanted = request if request.first is None else replace(request, destination=request.first)
    done = work(wanted, decision.step, last, session)
    try:
        return _kept(case, decision, done)
    except CareenError as error:
        return _failed(case, decision, error, done)


def _kept(case: _Case, decision: Decision, done: "Done") -> Outcome:
    """Judge and store the result of the work."""
    request, session = case.request, case.session
    report: ScanReport | None = None
    if request.database is not None:
        with session.stage("findings"), open_store(request.database) as store:
            report = report_again(request, request.evidence, done.result, store, case.heard)
    stored = Stored(
        mode=request.mode.value,
        done=done.what,
        place=case.place,
        image=case.inputs.image,
        layers=case.inputs.layers,
        configuration=case.inputs.configuration,
        advisories=case.inputs.advisories,
        result=done.result.ref.config_digest,
        made=now(),
        places={place: result_digest(place, session) for place in done.places},
        files=files_of(request.evidence),
        findings=known_of(report, case.known),
        fixable=_tried(case, report),
        figures=done.figures,
        milliseconds=round((time.monotonic() - case.begun) * 1000),
    )
    write_state(request.folder, stored)
    drop_previous(request)
    if request.first is not None and not (report is not None and report.crossed):
        try:
            at = whereabouts(request.destination, stored, session)
            stored = _brought_to(case, stored, at, request.evidence)
        except CareenError as error:
            return replace(_failed(case, decision, error, done), undelivered=True)
    outcome = _passed(case, decision, stored, report)
    return _signed(case, stored, replace(outcome, evidence=str(request.evidence)))


def _brought_to(case: _Case, stored: Stored, at: Whereabouts, evidence: Path) -> Stored:
    folder = case.request.folder
    return bring(
        case.request, stored, at, evidence, case.session, lambda state: write_state(folder, state)
    )


def _tried(case: _Case, report: ScanReport | None) -> frozenset[Key] | None:
    """Return the findings whose fixes this run could try, None without a database.

    None of them if the advisories changed meanwhile: the upgrades were planned by the old ones.
    """
    database = case.request.database
    if report is None or database is None:
        return None
    same = feeds_of(database) == case.inputs.advisories
    return fixable_in(report) if same else frozenset()


def _passed(case: _Case, decision: Decision, stored: Stored, report: ScanReport | None) -> Outcome:
    """Return the outcome of a run whose result is the stored one."""
    return replace(
        outcome_of(case.request, decision, stored, report),
        last=case.known,
        evidence=str(case.evidence),
        attested=stored.attested,
    )


def _last(case: _Case) -> "Last | None":
    """Return what the plan of a new application stays close to."""
    from careen.pipeline.integrating.work import Last

    if case.stored is None:
        return None
    index = kept_index(case.request.folder, case.stored.result)
    bom = rbom_at(case.evidence)
    return None if index is None else Last(index, None if bom is None else bom.only_exploration())


def _signed(case: _Case, stored: Stored, outcome: Outcome) -> Outcome:
    """Attest a result that is not attested yet, if a key is given.

    The state is written already: if this fails, the next run does it again, and nothing else.
    """
    key, evidence = case.request.key, Path(outcome.evidence)
    if key is None or stored.attested:
        return outcome
    attested: tuple[str, ...] = ()
    try:
        attested = _attested(case, key, evidence, outcome.places)
        outcome = replace(outcome, attested=attested)
    except CareenError as error:
        outcome = replace(
            outcome, failure=f"not attested: {_words(error)}", status=error.exit_status
        )
    # Signing completes the manifest.
    write_state(case.request.folder, replace(stored, files=files_of(evidence), attested=attested))
    return outcome


def _attested(case: _Case, key: str, evidence: Path, places: tuple[str, ...]) -> tuple[str, ...]:
    """Sign the evidence with the key, and attach it to each result in a registry."""
    from careen.pipeline.attest import AttestRequest, attest

    pushed = [place for place in places if isinstance(parse_reference(place), RegistryImage)]
    images: list[str | None] = [*pushed] or [None]
    with case.session.stage("attest"):
        done = [attest(AttestRequest(evidence, key, image), case.session) for image in images]
    return tuple(each.attached or str(evidence / ATTESTATIONS) for each in done)


def _failed(
    case: _Case, decision: Decision, error: CareenError, done: "Done | None" = None
) -> Outcome:
    """Return the outcome of work that failed; the last result stays unless one was promoted."""
    request = case.request
    return Outcome(
        name=request.name,
        mode=request.mode,
        decision=decision,
        image=request.image,
        image_digest=case.inputs.image,
        result_digest="" if done is None else done.result.ref.config_digest,
        places=() if done is None else done.places,
        report=_of_input(case) if done is None else None,
        last=case.known,
        failure=_words(error),
        status=error.exit_status,
        evidence=str(request.evidence),
    )


def _words(error: CareenError) -> str:
    return "; ".join((str(error), *getattr(error, "__notes__", ())))


def _of_input(case: _Case) -> ScanReport | None:
    """Return the findings of the image that nothing was made of, if the run got that far.

    Gates are about the result, so none is evaluated. No failure here hides that of the work.
    """
    request, known = case.request, case.session.known
    if request.database is None:
        return None
    try:
        ref = known.at(locate(request.image, case.session).place)
        index = None if ref is None else known.index(ref.config_digest)
        if index is None:
            return None
        bom = rbom_at(request.evidence)
        if bom is not None and bom.image.config_digest != index.ref.config_digest:
            bom = None
        stock = Stock(request.image, index.ref.digest, index.inventory, index.ref, index.rootfs)
        with open_store(request.database) as store:
            return report_on(Given(bom, replace(case.heard, fail_on=())), store, stock)
    except CareenError:
        return None
