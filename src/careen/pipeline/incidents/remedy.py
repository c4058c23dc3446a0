"""Choose the fix of one image by what is stored of its result: nothing is run, no image is read."""

from collections.abc import Sequence

from careen.errors import CareenError
from careen.model.findings.finding import Finding
from careen.model.incident import Fix, Remedy
from careen.model.patching import Blocked
from careen.pipeline.incidents.last_result import LastResult, named
from careen.pipeline.incidents.removal import Removal, as_glob, removal_of
from careen.pipeline.integrating.closable import foreseen_of, words_of
from careen.pipeline.upgrading.options import PatchOptions

UNPATCHED = "its entry of the list says patch = false"
_SHOWN = 3


def remedy_of(last: LastResult | str, wishes: PatchOptions | None, refused: str) -> Remedy:
    """Return the fix: removal where nothing uses it, else an upgrade, else none.

    `wishes` is None if nothing is upgraded in the image, `refused` says why a removal
    is not tried again.
    """
    if isinstance(last, str):
        return Remedy(Fix.NOT_KNOWN, last)
    if not last.findings:
        return Remedy(Fix.NOT_KNOWN, "its last result does not have it")
    upgrades, against = _upgrades(last, wishes)
    removal = Removal(against=refused) if refused else removal_of(_packages(last), last)
    if removal.paths:
        globs = tuple(map(as_glob, removal.paths))
        return Remedy(Fix.REMOVE, _unused(removal), globs, upgrades=upgrades)
    told = f"{against}; not removed: {removal.against}"
    if upgrades:
        return Remedy(Fix.UPGRADE, told)
    return Remedy(Fix.NONE, f"{named(last.findings)}: {told}", upgrades=False)


def _packages(last: LastResult) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.package for each in last.findings))


def _unused(removal: Removal) -> str:
    more = len(removal.paths) - _SHOWN
    shown = ", ".join(removal.paths[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
    return f"nothing was seen to use {shown}, kept so far by {', '.join(removal.kept_by)}"


def _upgrades(last: LastResult, wishes: PatchOptions | None) -> tuple[bool, str]:
    """Return whether upgrades may close all findings, and what is known for or against it."""
    if wishes is None:
        return False, UNPATCHED
    try:
        open_, foreseen = foreseen_of(last.findings, last.profiled, wishes)
    except CareenError as error:
        return True, f"whether a fixed version is on offer is not known: {error}"
    if len(open_) < len(last.findings):
        return False, _against(foreseen.blocked, last.findings)
    if foreseen.unasked:
        return True, "a package manager of the image is asked"
    return True, "a fixed version is on offer"


def _against(blocked: Sequence[Blocked], findings: Sequence[Finding]) -> str:
    wanted = {each.id for each in findings}
    said = (words_of(each) for each in blocked if not wanted.isdisjoint(each.findings))
    return "; ".join(dict.fromkeys(said))
