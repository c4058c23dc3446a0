"""Whose word on one vulnerability of one package counts, where several records speak of it."""

import re
from collections.abc import Sequence

from careen.advisories.hit import Hit
from careen.formats.versions.scheme import MAX_VERSION
from careen.model.advisory import VendorStatus

_UPDATE = re.compile(r"[.+_]el([0-9]{1,2}[_.][0-9]{1,2})")

_ORDER = {
    VendorStatus.FIXED: 0,
    VendorStatus.WONT_FIX: 1,
    VendorStatus.END_OF_LIFE: 2,
    VendorStatus.DEFERRED: 3,
    VendorStatus.AFFECTED: 4,
    VendorStatus.UNDETERMINED: 5,
    VendorStatus.NOT_AFFECTED: 6,
}


def foremost(hits: Sequence[Hit]) -> list[Hit]:
    """Return the records whose word counts, the most authoritative first: all of them say
    `affected`, or none does.

    A distribution's own database is about every vulnerability of every release, so its word goes
    before OSV's copy of it and before single advisories, also where it says that this version is
    not affected. Among records of one rank one that says affected is enough; and one that could not
    be compared yields to one that could.
    """
    if not hits:
        return []
    hits = _of_this_update(hits)
    best = min(_rank(hit) for hit in hits)
    foremost_rank = [hit for hit in hits if _rank(hit) == best]
    certain = [hit for hit in foremost_rank if hit.evaluation.certain]
    if any(hit.evaluation.affected for hit in certain):
        agreeing = [hit for hit in hits if hit.evaluation.affected and hit.evaluation.certain]
        return sorted(agreeing, key=lambda hit: (_rank(hit), _ORDER[hit.entry.status]))
    return certain or foremost_rank


def _of_this_update(hits: Sequence[Hit]) -> Sequence[Hit]:
    """Return the errata for the minor release that a package was built for, where there are some,
    else all.

    The RHEL family fixes one vulnerability in each minor release by itself: `2.28-236.el8_9.13`
    holds a fix that `2.28-251.el8` of the next one, a higher number, does not. So a build of
    `el8_9` is judged by the erratum of `el8_9`.
    """
    installed = _update(hits[0].version)
    if not installed:
        return hits
    return [
        hit
        for hit in hits
        if any(
            _update(event.version) == installed for one in hit.entry.ranges for event in one.events
        )
    ] or hits


def _update(version: str) -> str:
    found = _UPDATE.search(version[:MAX_VERSION])
    return found[1].replace(".", "_") if found else ""


def _rank(hit: Hit) -> int:
    """Return 0 for a vendor's own database, 1 for everything that was made from advisories."""
    feed = hit.advisory.feed
    return int(feed.startswith("osv:") or feed.endswith("-advisories"))
