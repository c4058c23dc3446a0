"""Process one image of a pass: what changed, what is done, what the next pass must know."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from careen.advisories.database.store import open_store
from careen.advisories.matching.location import default_database
from careen.errors import CareenError, ConfigError
from careen.model.failure import Failure
from careen.model.watching import ImageOutcome, WatchAction
from careen.pipeline.watching.decide import (
    Ask,
    Harden,
    Judge,
    Push,
    Unchanged,
    after_judging,
    first_step,
)
from careen.pipeline.watching.failure import failed_again, must_wait, rfc3339
from careen.pipeline.watching.harden import Made, harden_image
from careen.pipeline.watching.image_list import Watched
from careen.pipeline.watching.inputs import Inputs, configuration_of
from careen.pipeline.watching.inventory import keep_inventory, kept_inventory, take_inventory
from careen.pipeline.watching.offers import Offer, ask_for_upgrades, next_question, offer_of
from careen.pipeline.watching.state import (
    ImageState,
    Known,
    Upstream,
    read_state,
    write_state,
)
from careen.pipeline.watching.work import Recipe, Work

if TYPE_CHECKING:
    from careen.model.findings.triage import Triaged

FOUND = "a result of these inputs was there already"
SAME = "the same is known against it"
LONGEST = 2000  # characters of a failure


@dataclass(frozen=True, slots=True)
class Asked:
    """Current digests of the source and of the result's tag ("" if absent), or errors."""

    upstream: Upstream | CareenError
    result: str | CareenError


@dataclass(slots=True)
class _Case:
    """One image while it is processed.

    `words` describe the change of its findings, `before` is their earlier number, `asking` may be
    fixed now. `verdict` are all of them, None if the advisories are unchanged.
    """

    watched: Watched
    work: Work
    state: ImageState
    inputs: Inputs
    upstream: Upstream
    database: Path
    there: bool
    changed: tuple[str, ...] = ()
    words: str = ""
    before: int | None = None
    asking: tuple[str, ...] = ()
    verdict: tuple[Known, ...] | None = None

    @property
    def push(self) -> bool:
        return self.work.push or self.watched.push

    def keep(self) -> None:
        """Write the state, except in a dry run."""
        if not self.work.dry_run:
            write_state(self.work.state, self.watched.key, self.state)

    def outcome(self, deed: WatchAction, detail: str = "", status: int = 0) -> ImageOutcome:
        state = self.state
        return ImageOutcome(
            tag=self.watched.tag,
            source=self.watched.source,
            changed=self.changed,
            deed=deed,
            detail=detail,
            before=(
                self.before if self.before is not None or not state.result else len(state.verdict)
            ),
            after=len(state.verdict) if state.result else None,
            digest=state.result,
            pushed=state.registry_digest if state.pushed == state.result else "",
            status=status,
        )


def process_image(watched: Watched, asked: Asked, work: Work) -> ImageOutcome:
    """Process one image; a failure is its outcome, so that the other images go on."""
    begun = time.monotonic()
    try:
        state, damage = read_state(work.state, watched.key, watched.tag), ""
    except ConfigError as error:
        state, damage = ImageState(watched.tag), f"its state is reset: {error}"
    try:
        outcome = _looked_after(_case(watched, asked, work, state))
    except Exception as error:  # noqa: BLE001 — the other images go on
        status, sentence = _told(error)
        outcome = ImageOutcome(
            watched.tag,
            watched.source,
            (),
            WatchAction.FAILED,
            sentence,
            digest=state.result,
            status=status,
        )
    return replace(
        outcome,
        detail="; ".join(filter(None, (damage, outcome.detail))),
        seconds=round(time.monotonic() - begun, 3),
    )


def _case(watched: Watched, asked: Asked, work: Work, state: ImageState) -> _Case:
    if isinstance(asked.upstream, CareenError):
        raise asked.upstream
    if isinstance(asked.result, CareenError):
        raise asked.result
    configuration, project = configuration_of(watched)
    database = (work.database or project.findings.database or default_database()).absolute()
    inputs = Inputs(asked.upstream.digest, configuration, work.judges.of(database, watched))
    return _Case(
        watched,
        work,
        state,
        inputs,
        asked.upstream,
        database,
        there=bool(state.result) and asked.result == state.result,
    )


def _looked_after(case: _Case) -> ImageOutcome:
    first = first_step(case.state, case.inputs, case.work.clock(), there=case.there, push=case.push)
    if case.work.again and not isinstance(first, Harden):
        first = Harden(("asked for",))
    step = _judged(case) if isinstance(first, Judge) else first
    if isinstance(step, Harden):
        case.changed = step.reasons
    elif isinstance(step, Unchanged):
        return _rested(case)
    failure = case.state.failure
    if (
        failure is not None
        and not case.work.again
        and must_wait(failure, case.inputs.fingerprint, case.work.clock())
    ):
        return case.outcome(WatchAction.WAITING, _waits(failure), failure.status)
    if isinstance(step, Ask):
        case.asking = _awaited(case.state)
        if not case.asking:
            case.state = replace(case.state, awaited=None)
        if case.work.dry_run or not case.asking:
            return _rested(case)
    if case.work.dry_run:
        return case.outcome(
            WatchAction.WOULD_PUSH if isinstance(step, Push) else WatchAction.WOULD_HARDEN,
            case.words,
        )
    return _tried(case, step)


def _rested(case: _Case) -> ImageOutcome:
    """Return the outcome if nothing is to be done."""
    # A failure with earlier inputs is over; the stamp of an unchanged file may be new.
    rested = replace(case.state, failure=None, upstream=case.upstream)
    if rested != case.state or case.changed:
        case.state = rested
        case.keep()
    return (
        case.outcome(WatchAction.NOTED, case.words)
        if case.changed
        else case.outcome(WatchAction.UNCHANGED)
    )


def _judged(case: _Case) -> Harden | Push | Ask | Unchanged:
    """Compare the result's findings with the last verdict and return the next step.

    A verdict that asks for nothing is written to the state.
    """
    from careen.pipeline.watching.verdict import compare, noted

    items = _known_now(case)
    if items is None:
        return Harden(("inventory is gone",))
    shift = compare(case.state.verdict, items, case.watched.when)
    case.changed, case.words, case.before = ("advisories",), shift.words or SAME, len(items)
    case.verdict = noted(items, case.state.verdict, case.watched.when)
    if shift.asking and case.watched.patch:
        case.asking = tuple(
            dict.fromkeys((*(item.finding.id for item in shift.asking), *_awaited(case.state)))
        )
        return Harden(case.changed)
    if shift.asking:
        case.words += "; nothing is upgraded in this image (patch = false)"
    _note(case)
    return after_judging(case.state, case.work.clock(), push=case.push)


def _awaited(state: ImageState) -> tuple[str, ...]:
    """Return the findings that wait for a source, and are still open."""
    known = {each.id for each in state.verdict}
    return (
        tuple(one for one in state.awaited.identifiers if one in known)
        if state.awaited is not None
        else ()
    )


def _note(case: _Case) -> None:
    """Write the current findings to the state."""
    case.before = len(case.state.verdict)
    if case.verdict is not None:
        case.state = replace(case.state, database=case.inputs.judged_by, verdict=case.verdict)
    case.keep()


def _known_now(case: _Case) -> "Sequence[Triaged] | None":
    """Match the kept inventory, or one read again from the image; None without either."""
    from careen.evidence.sbom.read import read_sbom
    from careen.pipeline.findings.finding_policy import hear
    from careen.pipeline.run.session import session
    from careen.pipeline.watching.verdict import judge

    inventory = kept_inventory(case.work.state, case.state.result)
    if inventory is None:
        if not case.there:
            return None
        with (
            session(case.work.prepare(case.watched).settings, case.work.progress) as run,
            run.stage("inspect"),
        ):
            document = take_inventory(case.watched.tag, run)
        if not case.work.dry_run:
            keep_inventory(case.work.state, case.state.result, document)
        inventory = read_sbom(document, "inventory").inventory
    with open_store(case.database) as store:
        return judge(inventory, store, hear(case.work.judgement(case.watched)), case.watched.tag)


def _tried(case: _Case, step: Harden | Push | Ask) -> ImageOutcome:
    """Harden and push; write a failure down with the time of the next try.

    If fixes are the reason, the upgrades are planned first.
    """
    deed, recipe = WatchAction.PUSHED, None
    try:
        if not isinstance(step, Push):
            deed, recipe = WatchAction.HARDENED, case.work.prepare(case.watched)
            if case.asking:
                offer = _offer(case, recipe)
                if not offer.worthwhile:
                    return _nothing_on_offer(case, offer)
            deed = _harden(case, recipe)
        if case.push and case.state.pushed != case.state.result:
            recipe = case.work.prepare(case.watched)
            deed = _push(case, recipe)
    except Exception as error:  # noqa: BLE001 — the other images go on
        status, sentence = _told(error)
        case.state = replace(
            case.state,
            failure=failed_again(
                case.state.failure, case.inputs.fingerprint, (status, sentence), case.work.clock()
            ),
        )
        case.keep()
        return replace(
            case.outcome(WatchAction.FAILED, sentence, status), report_directory=_report_of(recipe)
        )
    return replace(case.outcome(deed, case.words), report_directory=_report_of(recipe))


def _push(case: _Case, recipe: Recipe) -> WatchAction:
    """Push a result that is there, and return what was done."""
    case.work.progress.note(f"{case.watched.tag}: pushing")
    made = harden_image(case.watched, recipe, case.database, case.work, again=False, push=case.push)
    if not made.found or made.result != case.state.result:
        # The run has found more to do, as a fix that is no reason to this pass (`when`), or another
        # verb has made a newer result.
        case.before = len(case.state.verdict)
        case.words = "; ".join(filter(None, (case.words, FOUND if made.found else made.why)))
        _take(case, made)
        return WatchAction.PUSHED if made.found else WatchAction.HARDENED
    if made.failure is not None:
        raise made.failure
    case.state = replace(
        case.state, registry_digest=made.pushed, pushed=case.state.result, failure=None
    )
    case.keep()
    return WatchAction.PUSHED


def _offer(case: _Case, recipe: Recipe) -> Offer:
    case.changed = case.changed or ("on offer",)
    case.work.progress.note(f"{case.watched.tag}: asking whether there are upgrades")
    return offer_of(ask_for_upgrades(recipe, case.database, case.work), case.asking)


def _nothing_on_offer(case: _Case, offer: Offer) -> ImageOutcome:
    """Write the findings and the time of the next question to the state."""
    _note(case)
    case.state = replace(
        case.state,
        failure=None,
        awaited=next_question(case.state.awaited, offer.awaited, case.work.clock()),
    )
    case.keep()
    again = (
        f"; asked again after {rfc3339(case.state.awaited.until)}"
        if case.state.awaited is not None and case.state.awaited.until
        else ""
    )
    case.changed = () if case.verdict is None else case.changed
    told = f"no upgrade closes it: {offer.why}{again}"
    return case.outcome(WatchAction.NOTED, "; ".join(filter(None, (case.words, told))))


def _harden(case: _Case, recipe: Recipe) -> WatchAction:
    """Harden an image, and return what was done."""
    case.work.progress.note(
        f"{case.watched.tag}: {', '.join(case.changed)}; hardening {case.watched.name}"
    )
    before = (
        case.before
        if case.before is not None
        else len(case.state.verdict)
        if case.state.result
        else None
    )
    # A fix that a source offers since then is no input of the last run.
    again = case.work.again or bool(case.asking)
    made = harden_image(case.watched, recipe, case.database, case.work, again=again, push=case.push)
    if made.found:
        case.words = "; ".join(filter(None, (case.words, FOUND)))
    case.before = made.original if before is None else before
    _take(case, made)
    return WatchAction.NOTED if made.found else WatchAction.HARDENED


def _take(case: _Case, made: Made) -> None:
    """Write a result to the state. Raises CareenError if it could not be pushed."""
    case.state = replace(
        case.state,
        upstream=case.upstream,
        configuration=case.inputs.configuration,
        database=case.inputs.judged_by,
        result=made.result,
        hardened=rfc3339(case.work.clock()),
        verdict=made.verdict,
        failure=None,
        awaited=next_question(case.state.awaited, made.findings_without_offer, case.work.clock()),
    )
    if made.pushed:
        case.state = replace(case.state, pushed=made.result, registry_digest=made.pushed)
    case.keep()
    if made.failure is not None:  # the next pass pushes it, and hardens nothing
        raise made.failure


def _report_of(recipe: Recipe | None) -> str:
    return "" if recipe is None else str(recipe.evidence)


def _waits(failure: Failure) -> str:
    often = "once" if failure.times == 1 else f"{failure.times} times"
    return (
        f"failed {often} since {failure.since}, tried again after {rfc3339(failure.until)}:"
        f" {failure.sentence}"
    )


def _told(error: Exception) -> tuple[int, str]:
    """Return the exit status of an error, and its message in one line."""
    if isinstance(error, CareenError):
        text = " ".join(
            (str(error), *(f"(also: {note})" for note in getattr(error, "__notes__", ())))
        )
    elif isinstance(error, OSError):
        text = f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
    else:
        text = (
            f"internal error: {type(error).__name__}: {error}; report it with what `careen -vv"
            " harden` of this image shows"
        )
    return error.exit_status if isinstance(error, CareenError) else 1, " ".join(text.split())[
        :LONGEST
    ]
