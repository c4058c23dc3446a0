"""Read access to the database for matching."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from careen.advisories.database.codec import read_affected, read_head
from careen.advisories.database.schema import MILLIONTHS, cve_number, opened
from careen.model.findings.advisory import (
    Advisory,
    AffectedPackage,
    CvssScore,
    EpssScore,
    Feed,
    KevEntry,
    Severity,
    SsvcAssessment,
)

_OF_PACKAGE = """
SELECT advisory.identifier, feed.name, advisory.modified, package.name, affected.entries, advisory.head
FROM package JOIN affected ON affected.package = package.id JOIN advisory ON advisory.id = affected.advisory JOIN feed ON feed.id = advisory.feed
WHERE package.name = ? AND package.family = ?
"""
_OF_ADVISORY = """
SELECT package.name, affected.entries FROM package JOIN affected ON affected.package = package.id WHERE package.id = ? AND affected.advisory = ?
"""


class Store:
    """An open database; implements `AdvisorySource`.

    Raises sqlite3.DatabaseError for a damaged file, which `open_store` turns into ConfigError.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._feeds: tuple[Feed, ...] | None = None

    def affecting(self, family: str, name: str) -> Iterable[Advisory]:
        """Yield every advisory of a package, with only that package's entries."""
        for identifier, feed, modified, spelled, entries, head in self._connection.execute(
            _OF_PACKAGE, (name, family)
        ):
            yield read_head(identifier, feed, modified, read_affected(spelled, entries), head)

    def records(self, identifier: str) -> Iterable[Advisory]:
        """Yield every record with this identifier or alias, with all affected packages."""
        rows = self._connection.execute(
            "SELECT id FROM advisory WHERE identifier = ? UNION SELECT advisory FROM alias WHERE"
            " identifier = ?",
            (identifier, identifier),
        ).fetchall()
        for (number,) in rows:
            found, feed, modified, packages, head = self._connection.execute(
                "SELECT advisory.identifier, feed.name, modified, packages, head FROM advisory JOIN"
                " feed ON feed.id = advisory.feed WHERE advisory.id = ?",
                (number,),
            ).fetchone()
            affected: list[AffectedPackage] = []
            for package in packages.split():
                for name, entries in self._connection.execute(_OF_ADVISORY, (int(package), number)):
                    affected.extend(read_affected(name, entries))
            yield read_head(found, feed, modified, tuple(affected), head)

    def linked(self, identifier: str) -> Iterable[str]:
        """Return the identifiers that records link to this one as aliases, in both directions."""
        query = """
        SELECT alias.identifier FROM advisory JOIN alias ON alias.advisory = advisory.id WHERE advisory.identifier = ?1
        UNION SELECT advisory.identifier FROM alias JOIN advisory ON advisory.id = alias.advisory WHERE alias.identifier = ?1
        """
        return [
            other
            for (other,) in self._connection.execute(query, (identifier,))
            if other != identifier
        ]

    def kev(self, cve: str) -> KevEntry | None:
        """Return the KEV entry of a CVE."""
        row = self._connection.execute(
            "SELECT added, due, name, ransomware FROM kev WHERE cve = ?", (cve_number(cve),)
        ).fetchone()
        return KevEntry(cve, row[0], row[1], row[2], bool(row[3])) if row else None

    def epss(self, cve: str) -> EpssScore | None:
        """Return the EPSS score of a CVE."""
        row = self._connection.execute(
            "SELECT score, percentile FROM epss WHERE cve = ?", (cve_number(cve),)
        ).fetchone()
        date = next((feed.date for feed in self.feeds() if feed.name == "epss"), "")
        return EpssScore(cve, row[0] / MILLIONTHS, row[1] / MILLIONTHS, date) if row else None

    def scores(self, cve: str) -> tuple[CvssScore, ...]:
        """Return the CVSS scores of a CVE that are not in an advisory."""
        query = (
            "SELECT source, version, vector.vector, score, severity FROM cvss JOIN vector ON"
            " vector.id = cvss.vector WHERE cve = ? ORDER BY source, version"
        )
        return tuple(
            CvssScore(source, version, vector, score, Severity(severity))
            for source, version, vector, score, severity in self._connection.execute(
                query, (cve_number(cve),)
            )
        )

    def ssvc(self, cve: str) -> SsvcAssessment | None:
        """Return CISA's SSVC assessment of a CVE."""
        if not self._has_ssvc:
            return None
        row = self._connection.execute(
            "SELECT exploitation, automatable, impact, date FROM ssvc WHERE cve = ?",
            (cve_number(cve),),
        ).fetchone()
        return SsvcAssessment(cve, *row) if row else None

    @cached_property
    def _has_ssvc(self) -> bool:
        # Databases of before this table are read as they are.
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'ssvc'"
        return self._connection.execute(query).fetchone() is not None

    def feeds(self) -> tuple[Feed, ...]:
        """Return every feed with its source and date, sorted by name."""
        if self._feeds is None:
            query = (
                "SELECT name, source, date, imported, records, refused, ecosystems, partial FROM"
                " feed WHERE live ORDER BY name"
            )
            self._feeds = tuple(
                Feed(
                    name,
                    source,
                    date,
                    imported,
                    records,
                    refused,
                    tuple(json.loads(ecosystems)),
                    partial,
                )
                for name, source, date, imported, records, refused, ecosystems, partial in (
                    self._connection.execute(query)
                )
            )
        return self._feeds

    def digests(self) -> dict[str, tuple[str, ...]]:
        """Return each feed's SHA-256 digests of the files that it was read from.

        For a folder of single records it is a digest over their digests and names.
        """
        found: dict[str, list[str]] = defaultdict(list)
        for feed, digest in self._connection.execute(
            "SELECT feed, digest FROM source ORDER BY feed, digest"
        ):
            found[feed].append(digest)
        return {feed: tuple(digests) for feed, digests in found.items()}

    def ecosystems(self) -> frozenset[str]:
        """Return the OSV ecosystems, with release, that the feeds cover."""
        return frozenset(ecosystem for feed in self.feeds() for ecosystem in feed.ecosystems)

    def covers(self, ecosystem: str) -> bool:
        """Return whether a feed covers an ecosystem (`npm`, `Debian:12`)."""
        return ecosystem in self.ecosystems()

    def partial(self, ecosystem: str) -> tuple[Feed, ...]:
        """Return the feeds of an ecosystem if all of them are partial, else ()."""
        speaking = tuple(feed for feed in self.feeds() if ecosystem in feed.ecosystems)
        return speaking if all(feed.partial for feed in speaking) else ()

    def modified(self, feed: str) -> dict[str, str]:
        """Return when each record of a feed was last modified, by identifier."""
        query = (
            "SELECT identifier, modified FROM advisory JOIN feed ON feed.id = advisory.feed WHERE"
            " feed.name = ?"
        )
        return dict(self._connection.execute(query, (feed,)))

    def counts(self) -> dict[str, int]:
        """Return the actual number of records in the tables, by feed."""
        found: dict[str, int] = defaultdict(int)
        found.update(
            self._connection.execute(
                "SELECT feed.name, count(*) FROM advisory JOIN feed ON feed.id = advisory.feed"
                " GROUP BY feed.name"
            )
        )
        for table in ("kev", "epss", "cvss", *(("ssvc",) if self._has_ssvc else ())):
            # The names come from the line above.
            if number := self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:  # noqa: S608
                found[table] = number
        return dict(found)


@contextmanager
def open_store(path: Path) -> Iterator[Store]:
    """Open a database for reading; use in a `with` block.

    Raises ConfigError, with advice, if it is missing, damaged, or of another format.
    """
    with opened(path) as connection:
        yield Store(connection)
