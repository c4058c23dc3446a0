"""Staging of a source's records beside the live ones, until the source is read to its end."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from careen.advisories.database.codec import affected_list, head_list, pack, unpack
from careen.advisories.database.schema import MILLIONTHS, cve_number
from careen.advisories.database.settled import OWN_DATE, Fate, Kind, Origin, Settled
from careen.advisories.feeds.port import About, CveScore, Item, NotAboutPackages, Record, Refused
from careen.advisories.matching.names import canonical, family_of
from careen.model.findings.advisory import Advisory, EpssScore, KevEntry, SsvcAssessment

MOST_REASONS = 5
"""Limit on the kept reasons of refused records, per feed."""

SMALLEST_GUARDED = 100
"""Records from which on a feed is guarded against loss.

A new state with less than half as many counts as truncated.
"""

_FEW = 5000  # single records; fewer are a part of a feed
_TABLES = {"kev": "kev", "epss": "epss", "cvss": "cvss", "ssvc": "ssvc"}
_MERGED = "ssvc"  # the table whose feed is many records
_TABLE_SHAPES = {
    "kev": (
        "(cve INTEGER PRIMARY KEY, added TEXT NOT NULL, due TEXT NOT NULL, name TEXT NOT NULL,"
        " ransomware INTEGER NOT NULL)"
    ),
    "epss": "(cve INTEGER PRIMARY KEY, score INTEGER NOT NULL, percentile INTEGER NOT NULL)",
    "ssvc": (
        "(cve INTEGER PRIMARY KEY, exploitation TEXT NOT NULL, automatable TEXT NOT NULL, impact"
        " TEXT NOT NULL, date TEXT NOT NULL)"
    ),
    "cvss": (
        "(cve INTEGER NOT NULL, vector INTEGER NOT NULL, PRIMARY KEY (cve, vector)) WITHOUT ROWID"
    ),
}


@dataclass(slots=True)
class _Staged:
    """State of one feed while its source is read."""

    number: int
    found: dict[str, tuple[int, str]] = field(default_factory=dict)  # identifier → row and modified
    rows: int = 0
    refused: int = 0
    reasons: list[str] = field(default_factory=list)
    date: str = ""
    partial: str = ""
    ecosystems: set[str] = field(default_factory=set)
    alone: bool = False  # some record belongs to this feed only


class Stage:
    """Receiver of one source's items; call `settle` or `abandon` at the end. `now` is RFC 3339."""

    def __init__(self, connection: sqlite3.Connection, now: str) -> None:
        self._db = connection
        self._now = now
        self._feeds: dict[str, _Staged] = {}
        self._next = 1 + (connection.execute("SELECT max(id) FROM advisory").fetchone()[0] or 0)
        self._packages: dict[tuple[str, str], int] = {}
        self._vectors: dict[tuple[object, ...], int] = {}
        self.not_about_packages: dict[str, int] = {}
        self.lost: list[str] = []  # first reasons of refused records without a known feed
        self.lost_count = 0

    @property
    def records(self) -> int:
        """The number of records taken so far."""
        return sum(len(feed.found) or feed.rows for feed in self._feeds.values())

    def add(self, item: Item) -> None:
        """Add one item."""
        match item:
            case Record(advisories, joins):
                for advisory in advisories:
                    feed = self._feed(advisory.feed)
                    feed.alone = feed.alone or len(advisories) == 1
                    self._advisory(feed, advisory, joins=joins)
            case KevEntry(cve, added, due, name, ransomware):
                self._row("kev", cve, added, due, name, int(ransomware))
            case EpssScore(cve, score, percentile, _):
                self._row("epss", cve, round(score * MILLIONTHS), round(percentile * MILLIONTHS))
            case SsvcAssessment(cve, exploitation, automatable, impact, date):
                self._row("ssvc", cve, exploitation, automatable, impact, date)
            case CveScore(cve, score):
                self._row(
                    "cvss",
                    cve,
                    self._vector(
                        (
                            score.source,
                            score.version,
                            score.vector,
                            score.score,
                            int(score.severity),
                        )
                    ),
                )
            case Refused(name, where, reason):
                self._refuse(name, f"{where}: {reason}")
            case NotAboutPackages(reason):
                self.not_about_packages[reason] = self.not_about_packages.get(reason, 0) + 1
            case About(name, date, partial, ecosystems):
                feed = self._feed(name)
                feed.date, feed.partial = max(feed.date, date), partial or feed.partial
                feed.ecosystems.update(ecosystems)

    def _feed(self, name: str) -> _Staged:
        feed = self._feeds.get(name)
        if feed is None:
            row = self._db.execute(
                "INSERT INTO feed (name, live, source, date, imported, records, refused, partial,"
                " ecosystems) VALUES (?, 0, '', '', '', 0, 0, '', '[]')",
                (name,),
            )
            feed = self._feeds[name] = _Staged(row.lastrowid or 0, alone=name in _TABLES)
            if name in _TABLES:
                self._db.execute(f"CREATE TABLE stage_{_TABLES[name]} {_TABLE_SHAPES[name]}")
        return feed

    def _refuse(self, name: str, reason: str) -> None:
        if not name:
            self.lost_count += 1
            if len(self.lost) < MOST_REASONS:
                self.lost.append(reason)
            return
        feed = self._feed(name)
        feed.refused += 1
        if len(feed.reasons) < MOST_REASONS:
            feed.reasons.append(reason)

    def _row(self, name: str, cve: str, *values: object) -> None:
        feed, number = self._feed(name), cve_number(cve)
        if number is None:
            self._refuse(name, f"{cve!r}: not a CVE")
            return
        feed.rows += self._db.execute(
            f"INSERT OR REPLACE INTO stage_{_TABLES[name]} VALUES"  # noqa: S608
            f" ({', '.join('?' * (1 + len(values)))})",
            (number, *values),
        ).rowcount

    def _vector(self, values: tuple[object, ...]) -> int:
        number = self._vectors.get(values)
        if number is None:
            row = self._db.execute(
                "INSERT INTO vector (source, version, vector, score, severity) VALUES (?, ?, ?,"
                " ?, ?)",
                values,
            )
            number = self._vectors[values] = row.lastrowid or 0
        return number

    def _advisory(self, feed: _Staged, advisory: Advisory, *, joins: bool) -> None:
        # Some records are dated years ahead, which does not date the feed.
        if not joins and feed.date < advisory.modified < self._now:
            feed.date = advisory.modified
        by_package: dict[int, list[object]] = {}
        names: dict[int, str] = {}
        for entry in advisory.affected:
            feed.ecosystems.add(entry.ecosystem)
            number = self._package(entry.ecosystem, entry.name)
            names[number] = entry.name
            by_package.setdefault(number, []).extend(affected_list([entry]))
        known = feed.found.get(advisory.id)
        if known is not None and joins:
            self._join(known[0], by_package)
            return
        if known is not None:
            if known[1] > advisory.modified:
                return
            self._drop(known[0])
        row, self._next = self._next, self._next + 1
        feed.found[advisory.id] = (row, advisory.modified)
        self._db.execute(
            "INSERT INTO advisory VALUES (?, ?, ?, ?, ?, ?)",
            (
                row,
                advisory.id,
                feed.number,
                advisory.modified,
                " ".join(map(str, by_package)),
                pack(head_list(advisory)),
            ),
        )
        self._db.executemany(
            "INSERT INTO affected VALUES (?, ?, ?)",
            [(number, row, pack(entries)) for number, entries in by_package.items()],
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO alias VALUES (?, ?)",
            [(alias, row) for alias in advisory.aliases if alias != advisory.id],
        )

    def _join(self, row: int, by_package: dict[int, list[object]]) -> None:
        for number, entries in by_package.items():
            old = self._db.execute(
                "SELECT entries FROM affected WHERE package = ? AND advisory = ?", (number, row)
            ).fetchone()
            self._db.execute(
                "INSERT OR REPLACE INTO affected VALUES (?, ?, ?)",
                (number, row, pack([*(unpack(old[0]) if old else ()), *entries])),
            )
            if old is None:
                self._db.execute(
                    "UPDATE advisory SET packages = packages || ' ' || ? WHERE id = ?",
                    (str(number), row),
                )

    def _drop(self, row: int) -> None:
        packages, aliases = self._db.execute(
            "SELECT packages, head FROM advisory WHERE id = ?", (row,)
        ).fetchone()
        self._db.executemany(
            "DELETE FROM affected WHERE package = ? AND advisory = ?",
            [(int(number), row) for number in packages.split()],
        )
        head = unpack(aliases)
        self._db.executemany(
            "DELETE FROM alias WHERE identifier = ? AND advisory = ?",
            [(alias, row) for alias in (head[0] if head else ())],
        )
        self._db.execute("DELETE FROM advisory WHERE id = ?", (row,))

    def _package(self, ecosystem: str, name: str) -> int:
        family = family_of(ecosystem)
        key = (canonical(family, name), family)
        number = self._packages.get(key)
        if number is None:
            row = self._db.execute(
                "SELECT id FROM package WHERE name = ? AND family = ?", key
            ).fetchone()
            number = (
                row[0]
                if row
                else self._db.execute(
                    "INSERT INTO package (name, family) VALUES (?, ?)", key
                ).lastrowid
                or 0
            )
            self._packages[key] = number
        return number

    def abandon(self) -> None:
        """Discard everything that was added."""
        for name in list(self._feeds):
            self._forget(name)

    def _forget(self, name: str) -> None:
        feed = self._feeds.pop(name)
        if name in _TABLES:
            self._db.execute(f"DROP TABLE stage_{_TABLES[name]}")
        _delete_feed(self._db, feed.number)

    def settle(
        self, kind: Kind, origin: Origin, source: str, *, fresh: Iterable[str], smaller: bool
    ) -> list[Settled]:
        """Replace the live feeds by what was added (a snapshot), or merge it (changes).

        Returns each feed's outcome. `fresh` are feeds from earlier sources of the same import: a
        second snapshot adds to them. `smaller` allows a feed to shrink.
        """
        if any(feed.alone for feed in self._feeds.values()):
            # A record of several ecosystems is in each one's bucket. One bucket does not replace
            # the feeds of the others.
            for name in [name for name, feed in self._feeds.items() if not feed.alone]:
                self._forget(name)
        settled = []
        fresh = set(fresh)
        for name in sorted(self._feeds):
            whole = kind is Kind.SNAPSHOT and name not in fresh
            self._feeds[name].date = (
                self._feeds[name].date
                if name in OWN_DATE
                else max(self._feeds[name].date, origin.date)
            )
            settled.append(
                self._settle(name, origin.url or source, kind, whole=whole, smaller=smaller)
            )
        self._feeds.clear()
        return settled

    def _settle(self, name: str, source: str, kind: Kind, *, whole: bool, smaller: bool) -> Settled:
        feed = self._feeds[name]
        count = len(feed.found) or feed.rows
        old = self._db.execute(
            "SELECT id, date, records, partial, ecosystems FROM feed WHERE live AND name = ?",
            (name,),
        ).fetchone()
        fate, detail = Fate.IMPORTED, ""
        merged = kind is Kind.CHANGES and name == _MERGED
        if old is None and kind is Kind.CHANGES and count < _FEW and not merged:
            feed.partial = (
                feed.partial
                or f"it was made of single records ({count}):"
                " a package that none of them names is unknown"
            )
        # An empty feed may be an error page or a broken mirror.
        if not count and not smaller:
            fate, detail = (
                Fate.SHRUNK,
                (
                    "none of its records could be read"
                    if feed.refused
                    else "it holds no record; use --allow-smaller if that is right"
                ),
            )
        elif old is not None and (whole or name in _TABLES) and not merged:
            if feed.date and old[1] and feed.date < old[1]:
                fate, detail = (
                    Fate.OLDER,
                    f"it is of {feed.date[:10]}, the database's of {old[1][:10]}",
                )
            elif not smaller and old[2] >= SMALLEST_GUARDED and count * 2 < old[2]:
                fate, detail = (
                    Fate.SHRUNK,
                    (
                        f"{count} records, the database holds {old[2]}: the old ones stay; use"
                        " --allow-smaller if that is right"
                    ),
                )
        settled = Settled(name, fate, feed.date, count, feed.refused, tuple(feed.reasons), detail)
        if fate is not Fate.IMPORTED:
            self._forget(name)
            return settled
        if merged and old is not None:
            self._keep_assessments()
            feed.date = max(feed.date, old[1])
            count = self._db.execute("SELECT count(*) FROM stage_ssvc").fetchone()[0]
        if name in _TABLES:
            self._db.execute(f"DROP TABLE IF EXISTS {_TABLES[name]}")
            self._db.execute(f"ALTER TABLE stage_{_TABLES[name]} RENAME TO {_TABLES[name]}")
            if name == "cvss":
                self._db.execute("DELETE FROM vector WHERE id NOT IN (SELECT vector FROM cvss)")
        elif old is not None:
            self._merge(feed, old[0], whole=whole)
            count = self._db.execute(
                "SELECT count(*) FROM advisory WHERE feed IN (?, ?)", (feed.number, old[0])
            ).fetchone()[0]
            if not whole:
                feed.date, feed.partial = max(feed.date, old[1]), feed.partial or old[3]
                feed.ecosystems.update(json.loads(old[4]))
        if old is not None:
            self._db.execute("UPDATE advisory SET feed = ? WHERE feed = ?", (feed.number, old[0]))
            self._db.execute("DELETE FROM feed WHERE id = ?", (old[0],))
        self._db.execute(
            "UPDATE feed SET live = 1, source = ?, date = ?, imported = ?, records = ?, refused ="
            " ?, partial = ?, ecosystems = ? WHERE id = ?",
            (
                source,
                feed.date,
                self._now,
                count,
                feed.refused,
                feed.partial,
                json.dumps(sorted(feed.ecosystems)),
                feed.number,
            ),
        )
        return settled

    def _keep_assessments(self) -> None:
        """Add the live assessments to the staged ones; of one CVE the newer one stays."""
        self._db.execute(
            "INSERT INTO stage_ssvc SELECT * FROM ssvc WHERE true ON CONFLICT (cve) DO UPDATE SET"
            " exploitation = excluded.exploitation, automatable = excluded.automatable, impact ="
            " excluded.impact, date = excluded.date WHERE excluded.date > stage_ssvc.date"
        )

    def _merge(self, feed: _Staged, old: int, *, whole: bool) -> None:
        """Keep the newer of two records of one identifier; with `whole`, delete old-only ones."""
        for identifier, row, modified in self._db.execute(
            "SELECT identifier, id, modified FROM advisory WHERE feed = ?", (old,)
        ).fetchall():
            staged = feed.found.get(identifier)
            if staged is None:
                continue
            if modified > staged[1]:
                self._drop(staged[0])
                self._db.execute("UPDATE advisory SET feed = ? WHERE id = ?", (feed.number, row))
            elif not whole:
                self._drop(row)
        if whole:
            _delete_records(self._db, old)


def _delete_records(connection: sqlite3.Connection, feed: int) -> None:
    if (
        connection.execute("SELECT 1 FROM advisory WHERE feed = ? LIMIT 1", (feed,)).fetchone()
        is None
    ):
        return
    for table in ("affected", "alias"):
        connection.execute(
            f"DELETE FROM {table} WHERE advisory IN (SELECT id FROM advisory WHERE feed = ?)",  # noqa: S608
            (feed,),
        )
    connection.execute("DELETE FROM advisory WHERE feed = ?", (feed,))


def _delete_feed(connection: sqlite3.Connection, feed: int) -> None:
    _delete_records(connection, feed)
    connection.execute("DELETE FROM feed WHERE id = ?", (feed,))
