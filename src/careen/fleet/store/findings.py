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
        (advisory, purl): since
        for advisory, purl, since in database.rows(
            "SELECT advisory, purl, since FROM finding WHERE image = ? AND gone = ''", (image,)
        )
    }
    there = {(indexed(each.advisory), indexed(each.purl)): each for each in findings}
    database.many(
        "UPDATE finding SET gone = ? WHERE image = ? AND advisory = ? AND purl = ?",
        [(now, image, *key) for key in before if key not in there],
    )
    database.many(
        "DELETE FROM finding WHERE image = ? AND advisory = ? AND purl = ?",
        [(image, *key) for key in there],
    )
    database.many(
        "INSERT INTO finding (image, advisory, purl, severity, tier, since, gone)"
        " VALUES (?, ?, ?, ?, ?, ?, '')",
        [
            (image, *key, stored(each.severity), stored(each.tier), before.get(key, now))
            for key, each in there.items()
        ],
    )
