"""Precedence of records that describe one vulnerability of one package."""

import re
from collections.abc import Sequence

from careen.advisories.matching.hit import Hit
from careen.formats.versions.scheme import MAX_VERSION
from careen.model.findings.advisory import VendorStatus

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
    """Return the records that decide, most authoritative first.

    All of them say `affected`, or none does. A distribution's own database outranks OSV's copy of
    it and single advisories. Among records of one rank one `affected` is enough. Uncertain
    evaluations yield to certain ones.
    """
    if not hits:
        return []
    hits = _of_minor_release(hits)
    best = min(_rank(hit) for hit in hits)
    top_rank = [hit for hit in hits if _rank(hit) == best]
    certain = [hit for hit in top_rank if hit.evaluation.certain]
    if any(hit.evaluation.affected for hit in certain):
        agreeing = [hit for hit in hits if hit.evaluation.affected and hit.evaluation.certain]
        return sorted(agreeing, key=lambda hit: (_rank(hit), _ORDER[hit.entry.status]))
    return certain or top_rank


def _of_minor_release(hits: Sequence[Hit]) -> Sequence[Hit]:
    """Return the errata of the package's minor release, or all if it has no errata."""
    # The RHEL family fixes each minor release separately: `2.28-236.el8_9.13` holds a fix that the
    # higher `2.28-251.el8` of the next one lacks. So el8_9's erratum decides for a build of el8_9.
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
    """Return 0 for a vendor's own database, 1 for feeds made from advisories."""
    feed = hit.advisory.feed
    return int(feed.startswith("osv:") or feed.endswith("-advisories"))
