"""Whose word on one vulnerability of one package counts, where several records speak of it."""

from collections.abc import Sequence

from careen.advisories.hit import Hit
from careen.model.advisory import VendorStatus

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
    """Return the records whose word counts, the most authoritative first: all of them say `affected`, or none does.

    A distribution's own database is about every vulnerability of every release, so its word goes before OSV's copy of it and before single advisories, also
    where it says that this version is not affected. Among records of one rank one that says affected is enough; and one that could not be compared yields to
    one that could.
    """
    if not hits:
        return []
    best = min(_rank(hit) for hit in hits)
    foremost_rank = [hit for hit in hits if _rank(hit) == best]
    certain = [hit for hit in foremost_rank if hit.evaluation.certain] or foremost_rank
    if not any(hit.evaluation.affected for hit in certain):
        uncertain = [hit for hit in foremost_rank if hit.evaluation.affected]
        return uncertain or certain
    agreeing = [hit for hit in hits if hit.evaluation.affected and hit.evaluation.certain]
    return sorted(agreeing, key=lambda hit: (_rank(hit), _ORDER[hit.entry.status]))


def _rank(hit: Hit) -> int:
    """Return 0 for a vendor's own database, 1 for everything that was made from advisories."""
    feed = hit.advisory.feed
    return int(feed.startswith("osv:") or feed.endswith("-advisories"))
