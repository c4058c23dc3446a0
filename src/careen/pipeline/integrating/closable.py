"""Which fixes that became known an upgrade may bring, before the image is worked on again.

First by what the last run left: no image is read. Then by the package managers of the image, which
run in a sandbox: no workload is started.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from careen.errors import CareenError
from careen.inventory.index import ImageIndex, load_index
from careen.model.findings.finding import Finding
from careen.model.patching import Blocked, PatchChoices
from careen.patch.aims import aims
from careen.patch.foresee import Foreseen, foresee
from careen.patch.port import Ground
from careen.pipeline.integrating.request import CiRequest
from careen.pipeline.run import report_documents as names
from careen.pipeline.run.session import Session
from careen.pipeline.upgrading.options import PatchOptions
from careen.pipeline.watching.offers import planned
from careen.pipeline.watching.work import Asking

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Closable:
    """Findings that an upgrade may close, and what stands against the others."""

    findings: tuple[Finding, ...]
    blocked: tuple[Blocked, ...] = ()

    @property
    def why(self) -> str:
        """What stands against the others in words, "" if nothing does."""
        said = [f"{each.name} {each.installed}: {words_of(each)}" for each in self.blocked]
        said = list(dict.fromkeys(said))
        more = f" and {len(said) - _NAMED:,} more" if len(said) > _NAMED else ""
        return f"no upgrade closes it: {'; '.join(said[:_NAMED])}{more}" if said else ""


def words_of(blocked: Blocked) -> str:
    """Return what keeps a package as it is."""
    reason = blocked.barrier.value
    return f"{reason} ({blocked.detail})" if blocked.detail else reason


def closable(
    request: CiRequest, evidence: Path, findings: Sequence[Finding], session: Session
) -> Closable:
    """Return which of the findings of the last result an upgrade may close.

    What cannot be asked may be closed: the work itself says what is wrong.
    """
    ground = ground_of(evidence)
    if request.patch is None or ground is None or not findings:
        return Closable(tuple(findings))
    try:
        open_, foreseen = foreseen_of(findings, ground, request.patch)
        offered = {aim.purl for aim in foreseen.offered}
        asked = [each for each in open_ if each.package not in offered]
        if asked and len(asked) == len(open_):
            blocked = _asked(request, request.patch, asked, session)
            return Closable(_without(open_, blocked), (*foreseen.blocked, *blocked))
    except CareenError as error:
        session.progress.note(f"whether upgrades help is not known before the work: {error}")
        return Closable(tuple(findings))
    return Closable(open_, foreseen.blocked)


def ground_of(evidence: Path) -> ImageIndex | None:
    """Return the paths and packages of the image that was profiled, None if they are not stored."""
    try:
        return load_index(evidence / names.INDEX)
    except CareenError:
        return None


def foreseen_of(
    findings: Sequence[Finding], ground: ImageIndex, wishes: PatchOptions
) -> tuple[tuple[Finding, ...], Foreseen]:
    """Return which findings the inventory does not rule out, and what it says of the aims.

    Raises InputError for a bad glob, ToolError for a repository that does not answer.
    """
    stock = ground.inventory
    aimed = aims(findings, stock, wishes.choices, wishes.policy, stock.distribution)
    foreseen = foresee(Ground(ground.rootfs, stock, wishes.choices, wishes.policy), aimed.aims)
    foreseen = replace(foreseen, blocked=(*aimed.blocked, *foreseen.blocked))
    return _without(findings, foreseen.blocked), foreseen


def _without(findings: Iterable[Finding], blocked: Iterable[Blocked]) -> tuple[Finding, ...]:
    ruled_out = {(each.purl, finding) for each in blocked for finding in each.findings}
    return tuple(each for each in findings if (each.package, each.id) not in ruled_out)


def _asked(
    request: CiRequest, wishes: PatchOptions, findings: Sequence[Finding], session: Session
) -> tuple[Blocked, ...]:
    """Ask the package managers of the image; return what stands against these findings."""
    if request.database is None:
        return ()
    wanted = {each.id for each in findings}
    wishes = replace(wishes, choices=_alone(wishes, wanted))
    asking = Asking(request.image, wishes, request.destination, request.judgement)
    plan = planned(asking, request.database, session)
    closed = {(each.purl, finding) for each in plan.upgrades for finding in each.closes}
    return tuple(
        each
        for each in plan.blocked
        if not wanted.isdisjoint(each.findings)
        and not any((each.purl, finding) in closed for finding in each.findings)
    )


def _alone(wishes: PatchOptions, wanted: Collection[str]) -> PatchChoices:
    """Return the choices for these findings alone, or the user's own where they name some."""
    choices = wishes.choices
    return choices if choices.only else replace(choices, only=tuple(sorted(wanted)))
