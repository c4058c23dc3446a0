"""One variant of an entry in a pass: what changed, what is done, what the next pass must know."""

import time
from dataclasses import dataclass, replace

from careen.catalog.changes import with_dates, without
from careen.catalog.families import family_of
from careen.catalog.recipe import Recipe
from careen.errors import CareenError, ConfigError, VerificationError
from careen.model.catalog.refresh import (
    ADVISORIES,
    BaseEvent,
    BaseState,
    OpenFinding,
    RefreshAction,
    RefreshOutcome,
)
from careen.pipeline.refreshing.build import build_one
from careen.pipeline.refreshing.changed import (
    definition_of,
    packages_of,
    reasons_of,
    require_not_older,
)
from careen.pipeline.refreshing.findings import counted, findings_of_kept
from careen.pipeline.refreshing.noted import noted
from careen.pipeline.refreshing.state import ADVICE, StateFile
from careen.pipeline.refreshing.work import Work
from careen.pipeline.watching.failure import failed_again, must_wait, rfc3339
from careen.pipeline.watching.inputs import fingerprint
from careen.report.terminal_output.figures import counted as count

_SHOWN = 5
LONGEST = 2000  # characters of a failure


@dataclass(slots=True)
class _Case:
    wanted: Recipe
    work: Work
    file: StateFile
    state: BaseState
    changed: tuple[str, ...] = ()
    before: int | None = None

    def outcome(self, action: RefreshAction, detail: str = "", status: int = 0) -> RefreshOutcome:
        state = self.state
        found = state.findings
        return RefreshOutcome(
            entry=state.entry,
            variant=state.variant,
            action=action,
            changed=self.changed,
            detail=detail,
            names=state.names,
            digest=state.digest,
            served=state.served,
            before=self.before,
            after=None if found is None else len(found),
            fixable=None if found is None else sum(each.fixable for each in found),
            status=status,
            unproven=self.wanted.unproven,
        )

    def keep(self) -> None:
        """Write the state, except in a dry run."""
        if not self.work.request.dry_run:
            self.file.write(self.state)


def refresh_one(wanted: Recipe, work: Work) -> RefreshOutcome:
    """Process one variant; a failure is its outcome, so that the others go on."""
    begun = time.monotonic()
    file = StateFile(work.request.state, wanted.entry.name, wanted.variant.value)
    case = _Case(wanted, work, file, BaseState(file.entry, file.variant))
    try:
        case.state = file.read()
        case.before = None if case.state.findings is None else len(case.state.findings)
        outcome = _looked_after(case)
    except CareenError as error:
        outcome = case.outcome(RefreshAction.FAILED, str(error)[:LONGEST], error.exit_status)
    except OSError as error:
        sentence = f"{error.filename}: {error.strerror}; {ADVICE}"
        outcome = case.outcome(RefreshAction.FAILED, sentence, CareenError.exit_status)
    return replace(outcome, seconds=round(time.monotonic() - begun, 3))


def _looked_after(case: _Case) -> RefreshOutcome:
    work, state, request = case.work, case.state, case.work.request
    offered = work.offered(case.wanted, packages_of(case.wanted, state))
    definition = definition_of(case.wanted)
    reasons = reasons_of(state, definition, offered, work)
    inputs = fingerprint((definition.encode(), repr(sorted(offered.items())).encode()))
    if not reasons and not request.again:
        if state.setback is not None:  # what failed is no longer offered
            case.state = replace(state, setback=None)
            case.keep()
        return _judged(case)
    setback = state.setback
    if setback is not None and not request.again and must_wait(setback, inputs, request.clock()):
        _judged(case)  # the image that is served meanwhile
        case.changed = reasons
        said = f"{setback.sentence}; next try from {rfc3339(setback.until)}, or with --again"
        return case.outcome(RefreshAction.WAITING, said, setback.status)
    case.changed = reasons
    if state.lock is not None and not request.again:
        require_not_older(state.lock, offered, family_of(case.wanted.distribution).compare)
    if request.dry_run:
        return case.outcome(RefreshAction.WOULD_BUILD)
    try:
        made = build_one(case.wanted, case.file, state, work)
    except CareenError as error:
        return _set_back(case, inputs, error)
    case.state = replace(made, definition=definition)
    case.keep()
    return case.outcome(RefreshAction.PROMOTED, _closed(case.state))


def _set_back(case: _Case, inputs: str, error: CareenError) -> RefreshOutcome:
    """Keep why a build was not promoted; the wait doubles with each failure of the same inputs."""
    sentence = str(error)[:LONGEST]
    told = (error.exit_status, sentence)
    kept = failed_again(case.state.setback, inputs, told, case.work.request.clock())
    case.state = replace(case.state, setback=kept)
    case.keep()
    held = isinstance(error, VerificationError)
    action = RefreshAction.HELD if held else RefreshAction.FAILED
    return case.outcome(action, sentence, error.exit_status)


def _judged(case: _Case) -> RefreshOutcome:
    """Compare the image that is served with today's advisories; nothing is built."""
    work, state = case.work, case.state
    if not work.judged_by or work.judged_by == state.judged_by:
        return case.outcome(RefreshAction.UNCHANGED)
    request = work.request
    stamp = rfc3339(request.clock())
    try:
        today = findings_of_kept(request.state, state.digest, request.database, stamp[:10])
    except ConfigError as error:
        return case.outcome(RefreshAction.FAILED, str(error), error.exit_status)
    if today is None:  # no feed knows a package of it
        case.state = replace(state, judged_by=work.judged_by, findings=None)
        case.keep()
        return case.outcome(RefreshAction.UNCHANGED)
    before = state.findings or ()
    found = with_dates(today, before)
    closed, new = without(before, found), without(found, before)
    events = state.events
    if closed or new or state.findings is None or _fixable(found) != _fixable(before):
        last = events[-1]
        event = BaseEvent(
            stamp,
            ADVISORIES,
            state.digest,
            (),
            last.size_bytes,
            last.packages,
            counted(found),
            _fixable(found),
            (),
            closed,
            new,
        )
        events = (*events, event)
    case.state = replace(state, judged_by=work.judged_by, findings=found, events=events)
    case.keep()
    if events is state.events:
        return case.outcome(RefreshAction.UNCHANGED)
    case.changed = ("advisories",)
    return case.outcome(RefreshAction.NOTED, noted(closed, new, state.lock))


def _fixable(found: tuple[OpenFinding, ...]) -> int:
    return sum(each.fixable for each in found)


def _closed(state: BaseState) -> str:
    event = state.events[-1]
    if len(state.events) == 1:
        return ""
    closed = ", ".join(each.id for each in event.closed[:_SHOWN])
    more = f" and {len(event.closed) - _SHOWN} more" if len(event.closed) > _SHOWN else ""
    parts = (
        f"{count(len(event.changed), 'package')} changed",
        f"closed: {closed}{more}" if closed else "",
        f"{count(len(event.new), 'new finding')}" if event.new else "",
    )
    return "; ".join(part for part in parts if part)
