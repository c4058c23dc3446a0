"""Findings of an image over time: when each was first seen, and when it was gone."""

from collections.abc import Sequence

from careen.fleet.store.port import Database
from careen.fleet.texts import indexed, stored
from careen.model.fleet.facts import FindingFact


def put_findings(database: Database, image: int, findings: Sequence[FindingFact], now: str) -> None:
    """Put the findings of an image's newest scan.

    One that was there keeps its date; one that is no longer there is marked as gone, and stays.
    """
    before = {
        (advisory, purl): (severity, tier, gone)
        for advisory, purl, severity, tier, gone in database.rows(
            "SELECT advisory, purl, severity, tier, gone FROM finding WHERE image = ?", (image,)
        )
    }
    there = {
        (indexed(advisory), indexed(purl)): (stored(severity), stored(tier))
        for advisory, purl, severity, tier in findings
    }
    database.many(
        "UPDATE finding SET gone = ? WHERE image = ? AND advisory = ? AND purl = ?",
        [(now, image, *key) for key, (*_, gone) in before.items() if not gone and key not in there],
    )
    changed = [key for key, words in there.items() if before.get(key, (*words, "")) != (*words, "")]
    # One that comes back is new.
    database.many(
        "UPDATE finding SET severity = ?, tier = ?, gone = '', since = CASE WHEN gone = '' THEN"
        " since ELSE ? END WHERE image = ? AND advisory = ? AND purl = ?",
        [(*there[key], now, image, *key) for key in changed],
    )
    database.many(
        "INSERT INTO finding (image, advisory, purl, severity, tier, since, gone)"
        " VALUES (?, ?, ?, ?, ?, ?, '')",
        [(image, *key, *words, now) for key, words in there.items() if key not in before],
    )
