"""`careen harden --if-changed`: harden only what is not as the last promoted run found it.

The last run is known by its report directory. What it left is compared as `careen ci` does.
"""

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from careen.advisories.database.store import open_store
from careen.errors import CareenError, ConfigError, InputError
from careen.evidence.directory.layout import FORMATS
from careen.model.findings.triage import ScanReport
from careen.model.integration import Decision, KnownFinding, Mode, Outcome, Step
from careen.model.patching import PatchChoices
from careen.model.summary import Summary
from careen.pipeline.findings.finding_policy import Heard, hear
from careen.pipeline.harden import harden_opened
from careen.pipeline.hardening.choices import stated_choices
from careen.pipeline.hardening.ground import Ground, ground
from careen.pipeline.hardening.request import HardenRequest
from careen.pipeline.integrating.decide import (
    EVERYWHERE,
    NO_INVENTORY,
    Standing,
    decide,
)
from careen.pipeline.integrating.delivery import bring, whereabouts
from careen.pipeline.integrating.evidence_files import files_of
from careen.pipeline.integrating.files_of_tests import UntoldError, files_of_tests
from careen.pipeline.integrating.fixes import for_fixes
from careen.pipeline.integrating.inputs import (
    advisories_of,
    configuration,
    digest_at,
    identity,
    look,
    place_of,
    result_digest,
)
from careen.pipeline.integrating.outcome import outcome_of
from careen.pipeline.integrating.request import CiRequest
from careen.pipeline.integrating.state import Key, Stored, parse_state, state_document
from careen.pipeline.integrating.stored import (
    fault_of,
    renewed,
    report_again,
)
from careen.pipeline.integrating.work import figures_of
from careen.pipeline.run.report_documents import FINDINGS, ReportDocuments
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import is_lasting
from careen.pipeline.run.timestamp import now
from careen.report.verdict_line import achieved
from careen.tools.cache import code_stamp, default_cache

_RESTS = (Step.CHECK, Step.SCAN)
_NO_EARLIER = "no earlier run with this report directory is known"
_UNKNOWN = "--if-changed will not know this run"
_MAX_OFFERS = 100_000
_VIEWS = {"report.html", "report.md"}  # made again at will


@dataclass(frozen=True, slots=True)
class Rerun:
    """A run of `careen harden`, and what decides about its result beyond the request.

    `named` are files, `settings` words.
    """

    request: HardenRequest
    named: tuple[Path, ...]
    settings: Mapping[str, str]

    def seen(self, session: Session) -> CiRequest:
        """Return the request as its inputs are compared.

        Raises UntoldError if it is not known which files the tests use.
        """
        request = self.request
        tests = files_of_tests(request.workloads, request.report_directory)
        return CiRequest(
            name=next(iter(request.destination.describe()), ""),  # none is refused by the run
            mode=Mode.HARDEN,
            image=request.image,
            workloads=request.workloads,
            choices=request.choices,
            destination=request.destination,
            folder=request.report_directory,
            evidence=request.report_directory,
            proof=request.proof,
            patch=request.patch,
            database=request.database,
            judgement=request.judgement,
            named=(*self.named, *_patching_files(request), *tests),
            settings={**self.settings, **_more(request, session)},
        )


def _patching_files(request: HardenRequest) -> tuple[Path, ...]:
    if request.patch is None:
        return ()
    choices = request.patch.choices
    return tuple(Path(each) for each in (*choices.keys, choices.certificates) if each)


def _more(request: HardenRequest, session: Session) -> Mapping[str, str]:
    """Return what `careen ci` has no option for."""
    choices = request.choices
    more = {
        "attach": str(request.destination.attach),
        "directory": str(Path.cwd()),  # tests run there
        "events": repr(choices.missed),
        "fips": repr(_fips(request)),
    }
    if choices.like is not None:
        more["like"] = f"{choices.like}\0{digest_at(choices.like, session)}"
    if request.patch is not None:
        more["policy"] = repr(request.patch.policy)
        more["offers"] = _offers(request.patch.choices)
    for workload in request.workloads:
        for word in workload.run.env:
            if "=" not in word:  # the container gets the value it has here
                more[f"env {word}"] = repr(os.environ.get(word))
    return more


def _offers(choices: PatchChoices) -> str:
    """Return the files below directories that upgrades come from, by name, size and time.

    Raises UntoldError for too many.
    """
    lines: list[str] = []
    for name in (*choices.find_links, choices.maven):
        folder = Path(name.removeprefix("file://"))
        if not name or not folder.is_dir():
            continue
        for path in folder.rglob("*"):
            if path.is_file():
                seen = path.stat()
                lines.append(f"{path}\0{seen.st_size}\0{seen.st_mtime_ns}")
            if len(lines) > _MAX_OFFERS:
                msg = f"{name}: holds more than the {_MAX_OFFERS:,} files that are compared"
                raise UntoldError(msg)
    return "\n".join(sorted(lines))


def _fips(request: HardenRequest) -> Mapping[str, Any] | None:
    if request.fips is None:
        return None
    stated = stated_choices(
        request.choices, request.proof, request.judgement, patch=False, fips=request.fips
    )
    return {name: value for name, value in stated.items() if name.startswith("fips")}


def harden_noted(run: Rerun, session: Session) -> Summary:
    """Harden as `careen.pipeline.harden` does, and note what `--if-changed` compares with.

    Raises as `harden`.
    """
    # As they are now: they may change during the run.
    return _hardened(run.request, _before(run, session), session)


def _hardened(request: HardenRequest, before: tuple[str, str] | None, session: Session) -> Summary:
    """Harden, and note the fingerprints of before the run, unless they are None."""
    begun = time.monotonic()
    with ground((request,), session) as opened:
        summary, _ = harden_opened(request, opened, session)
        if before is not None:
            milliseconds = round((time.monotonic() - begun) * 1000)
            try:
                stored = _promoted(request, before, opened, summary, session)
            except CareenError as error:
                session.progress.note(f"{_UNKNOWN}: {error}")
            else:
                _put(request, replace(stored, milliseconds=milliseconds), session)
    return summary


def _before(run: Rerun, session: Session) -> tuple[str, str] | None:
    """Return the fingerprints of configuration and advisories, None if no run can compare them.

    What cannot be read is a note: it may be no reason to refuse the run itself.
    """
    if session.known.cache is None:
        return None
    with session.stage("inspect"):
        session.say("reading the files that decide about the result")
        try:
            return configuration(run.seen(session)), advisories_of(run.request.database)
        except UntoldError:
            return None
        except CareenError as error:
            session.progress.note(f"{_UNKNOWN}: {error}")
            return None


def _promoted(
    request: HardenRequest,
    before: tuple[str, str],
    opened: Ground,
    summary: Summary,
    session: Session,
) -> Stored:
    """Return what is known of a run that has promoted its result. Raises CareenError."""
    located, original = opened.located, opened.original.image
    if not is_lasting(located, original, session):
        msg = f"{located.text} is of another platform than this machine"
        raise InputError(msg)
    # Not what is there by now.
    image, layers = identity(located, session, original.ref)
    known, fixable = _findings(request.report_directory)
    return Stored(
        mode=Mode.HARDEN.value,
        done=achieved(summary),
        place=place_of(located) if located.place.unchanged else "",
        image=image,
        layers=layers,
        configuration=before[0],
        advisories=before[1],
        result=summary.hardened.digest,
        made=now(),
        places={place: result_digest(place, session) for place in summary.promoted},
        files=_files(request.report_directory),
        findings=known,
        fixable=fixable,
        figures=figures_of(summary.original, summary.hardened),
    )


def _files(directory: Path) -> Mapping[str, str]:
    return {
        name: digest
        for name, digest in files_of(directory).items()
        if name in FORMATS and name not in _VIEWS
    }


def _findings(
    directory: Path,
) -> tuple[tuple[KnownFinding, ...] | None, frozenset[Key] | None]:
    """Return the findings of a run's result, and those with a fix; None without a database."""
    document = ReportDocuments(directory).optional(FINDINGS)
    if document is None:
        return None, None
    found = document["findings"]
    known = tuple(
        KnownFinding(
            each["id"],
            each["package"],
            each["name"],
            each["installed"],
            each["severity"],
            each["tier"],
            each["kev"] is not None,
        )
        for each in found
    )
    fixable = ((each["id"], each["name"], each["installed"]) for each in found if each["fixed"])
    return known, frozenset(fixable)


def _key(request: HardenRequest) -> tuple[str, ...]:
    return "run of harden", code_stamp(), str(request.report_directory.absolute())


def _put(request: HardenRequest, stored: Stored, session: Session) -> None:
    if session.known.cache is not None:
        session.known.cache.put(state_document(stored), *_key(request))


def _last(request: HardenRequest, session: Session) -> Stored | None:
    """Return the last run that was promoted with this report directory, or None."""
    if session.known.cache is None:
        return None
    key = _key(request)
    found = session.known.cache.get(*key)
    if found is None:
        return None
    try:
        return parse_state(found, "the last run")
    except ConfigError:
        session.known.cache.drop(*key)
        return None


def harden_if_changed(run: Rerun, session: Session) -> Summary | Outcome:
    """Harden if anything differs from the last run, and return its summary.

    Else run no container, judge the findings of its result by the advisories of today, and return
    what is known. Raises as `harden`, and InputError if the session has no cache.
    """
    cache = session.known.cache
    if cache is None:
        advice = "run without --no-cache"
        if default_cache() is None:
            advice = "without a home directory, name one in CAREEN_CACHE"
        msg = f"--if-changed: needs careen's cache, which knows the last run; {advice}"
        raise InputError(msg)
    run.request.destination.require()
    begun = time.monotonic()
    request, heard = run.request, hear(run.request.judgement)
    at = EVERYWHERE
    before: tuple[str, str] | None = None
    with session.stage("inspect"):
        stored = _last(request, session)
        try:
            seen = run.seen(session)
            configured = configuration(seen)
        # A file that cannot be read may be none that the run needs.
        except (UntoldError, ConfigError) as error:
            stored, decision = None, Decision(Step.WHOLE, (str(error),))
        else:
            with suppress(CareenError):  # the run itself reports it
                before = configured, advisories_of(request.database)
            if stored is None:
                trouble = cache.trouble()
                why = f"careen's cache, {cache.directory}, is not used: {trouble}"
                decision = Decision(Step.WHOLE, (why if trouble else _NO_EARLIER,))
            else:
                inputs, place = look(seen, stored, session, configured)
                standing = _standing(request, stored, session)
                decision, at = decide(stored, inputs, standing), standing.at
    if stored is None or decision.step not in _RESTS:
        return _worked(request, decision, before, session)
    report = _judged(seen, stored, heard, session)
    if report is None and request.database is not None:  # another run removed it just now
        return _worked(request, Decision(Step.WHOLE, (NO_INVENTORY,)), before, session)
    decision, blocked = for_fixes(
        seen, decision, stored.fixable, report, request.report_directory, session
    )
    if decision.step not in _RESTS:
        return _worked(request, decision, before, session)
    # What crosses a threshold is not given to anybody else.
    if at.missing and not (report is not None and report.crossed):
        directory = request.report_directory
        stored = bring(
            seen, stored, at, directory, session, lambda state: _put(request, state, session)
        )
    _put(request, renewed(stored, inputs, place, report), session)
    return replace(
        outcome_of(seen, decision, stored, report),
        saved_seconds=stored.milliseconds / 1000,
        made=stored.made,
        blocked=blocked,
        seconds=round(time.monotonic() - begun, 3),
    )


def _worked(
    request: HardenRequest, decision: Decision, before: tuple[str, str] | None, session: Session
) -> Summary:
    session.progress.note(f"--if-changed: everything is done: {'; '.join(decision.reasons)}")
    return _hardened(request, before, session)


def _standing(request: HardenRequest, stored: Stored, session: Session) -> Standing:
    inventory = request.database is None or session.known.index(stored.result) is not None
    fault = fault_of(request.report_directory, stored)
    at = whereabouts(request.destination, stored, session)
    return Standing(fault, at, inventory)


def _judged(seen: CiRequest, stored: Stored, heard: Heard, session: Session) -> ScanReport | None:
    """Return the findings of the stored result now, None without a database."""
    index = session.known.index(stored.result)
    if seen.database is None or index is None:
        return None
    with session.stage("findings"), open_store(seen.database) as store:
        return report_again(seen, seen.evidence, index, store, heard)
