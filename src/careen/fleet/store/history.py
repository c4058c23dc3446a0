"""Reading the history of names: states in their order, and which images have none."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from careen.fleet.packages import search_name
from careen.fleet.store.intern import chunks, marks
from careen.fleet.store.port import Database
from careen.fleet.store.states import Row, lineage
from careen.fleet.texts import indexed
from careen.model.packages.purls import read_purl

_Observation = tuple[int, str, str, str]
_LAST = "9999"
"""A time after all times."""
_MOST_HELD = 300_000
"""Findings in memory at once, for the units that many images share."""


@dataclass(frozen=True, slots=True)
class State:
    """One state of a name, from the load `at` to the load `until`.

    `findings` are advisory, purl, severity and tier, None without a scan. `scanned` is the time of
    its first scan, `newest` of its last one, "" without.
    """

    digest: str
    at: str
    until: str
    findings: list[Row] | None
    scanned: str
    newest: str


_WITHOUT = (
    "SELECT i.id, i.name FROM image i WHERE NOT EXISTS (SELECT 1 FROM image_digest g JOIN state s"
    " ON s.digest = g.digest WHERE g.image = i.id)"
)
"""Images that no state leads to: they have no name, or were loaded by an older careen."""


def lack_state(database: Database, images: Iterable[int]) -> bool:
    """Return whether one of these images has a name, and no state that leads to it."""
    for part in chunks(list(images)):
        for image, _ in database.rows(f"{_WITHOUT} AND i.id IN {marks(part)}", part):
            names = database.rows("SELECT name FROM image_name WHERE image = ?", (image,))
            if any(lineage(name) for (name,) in names):
                return True
    return False


class History:
    """The states of all names, a name at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._units: dict[int, tuple[Row, ...]] = {}
        self._held = 0

    def names(self) -> list[str]:
        """Return the names that have a history, sorted."""
        return [
            str(row[0])
            for row in self._database.rows("SELECT DISTINCT name FROM state ORDER BY name")
        ]

    def without(self) -> list[str]:
        """Return what the images without a history are called, sorted."""
        return sorted(str(name) for _, name in self._database.rows(_WITHOUT))

    def states(self, name: str, until: str = _LAST) -> Iterator[State]:
        """Yield the states of a name up to a time, in their order."""
        rows = self._database.rows(
            "SELECT s.id, s.digest, o.at, o.scanned FROM state s JOIN observation o ON o.state ="
            " s.id WHERE s.name = ? AND o.at <= ? ORDER BY o.at, o.scanned <> '', s.id",
            (name, until),
        )
        for number, same in groupby(_told(rows), itemgetter(0)):
            run = list(same)
            _, digest, at, scanned = run[0]
            findings = self._findings(number) if scanned else None
            newest = max(row[3] for row in run)
            yield State(digest, at, run[-1][2], findings, scanned, newest)

    def _findings(self, state: int) -> list[Row]:
        rows = self._database.rows("SELECT unit FROM state_unit WHERE state = ?", (state,))
        return [row for (unit,) in rows for row in self._members(unit)]

    def still_there(self, digest: str, purls: Sequence[str]) -> dict[str, bool]:
        """Return of each package whether an image has it; without those of which it is not known."""
        images = self._database.rows(
            "SELECT i.id, i.partial, i.unreadable FROM image_digest g JOIN image i ON i.id = g.image"
            " WHERE g.digest = ? AND i.inventory <> ''",
            (digest,),
        )
        found = self._forgotten(digest, purls)
        for image, partial, unreadable in images:
            listed = self._listed(image, purls)
            there = {purl: _version_of(purl) in listed for purl in purls}
            # What an inventory leaves out may be there.
            certain = not partial and not unreadable
            found.update((purl, has) for purl, has in there.items() if has or certain)
        return found

    def _listed(self, image: int, purls: Sequence[str]) -> set[tuple[str, ...]]:
        """Return the packages of an image that are called like some others."""
        names: list[str] = []
        unread: list[str] = []
        for purl in purls:
            read = read_purl(purl)
            if read is None:
                unread.append(purl)
            else:
                names.append(search_name(read.type, indexed(read.name)))
        found: set[tuple[str, ...]] = set()
        for column, values in (("name", names), ("purl", unread)):
            for part in chunks(list(dict.fromkeys(values))):
                rows = self._database.rows(
                    "SELECT p.purl FROM image_unit u JOIN unit_package m ON m.unit = u.unit JOIN"
                    f" package p ON p.id = m.package WHERE u.image = ? AND p.{column} IN"
                    f" {marks(part)}",
                    (image, *part),
                )
                found.update(_version_of(str(row[0])) for row in rows)
        return found

    def _forgotten(self, digest: str, purls: Sequence[str]) -> dict[str, bool]:
        rows = self._database.rows(
            "SELECT purl, there FROM forgotten_package WHERE digest = ?", (digest,)
        )
        known = {str(purl): bool(there) for purl, there in rows}
        return {purl: known[purl] for purl in purls if purl in known}

    def _members(self, unit: int) -> tuple[Row, ...]:
        known = self._units.get(unit)
        if known is None:
            known = tuple(
                self._database.rows(
                    "SELECT f.advisory, f.purl, f.severity, f.tier FROM finding_unit_member m"
                    " JOIN known_finding f ON f.id = m.finding WHERE m.unit = ?",
                    (unit,),
                )
            )
            if self._held > _MOST_HELD:
                self._units.clear()
                self._held = 0
            self._units[unit] = known
            self._held += len(known)
        return known


def _version_of(purl: str) -> tuple[str, ...]:
    """Return what makes a version of a package: two tools state other qualifiers of it."""
    read = read_purl(purl)
    return (purl,) if read is None else (*read.identity, read.version)


def _told(rows: Iterable[_Observation]) -> Iterator[_Observation]:
    """Yield what was seen of a name, one for each time, with what is known of it.

    An image that was seen without a scan has the findings of its scan before.
    """
    scans: dict[str, tuple[int, str]] = {}
    # Of one time the last counts.
    for number, digest, at, scanned in {row[2]: row for row in rows}.values():
        if scanned >= scans.get(digest, (0, ""))[1]:
            scans[digest] = number, scanned
        known = (number, scanned) if scanned else scans[digest]
        yield known[0], digest, at, known[1]


def keep_packages(database: Database, digest: str, there: Mapping[str, bool]) -> None:
    """Keep which packages an image has, inside a writing transaction, before it is forgotten."""
    database.many(
        "INSERT INTO forgotten_package (digest, purl, there) VALUES (?, ?, ?) ON CONFLICT (digest,"
        " purl) DO UPDATE SET there = excluded.there",
        [(digest, purl, int(has)) for purl, has in there.items()],
    )


def names_through(database: Database, digests: Sequence[str]) -> list[str]:
    """Return the names that led to one of these images at any time, sorted."""
    found: set[str] = set()
    for part in chunks(digests):
        rows = database.rows(f"SELECT name FROM state WHERE digest IN {marks(part)}", part)
        found.update(str(row[0]) for row in rows)
    return sorted(found)


def names_of(database: Database, images: Sequence[int]) -> list[str]:
    """Return the names that lead to one of these images by their last state, sorted."""
    digests: set[str] = set()
    names: set[str] = set()
    for part in chunks(images):
        rows = database.rows(
            "SELECT g.digest, s.name FROM image_digest g JOIN state s ON s.digest = g.digest WHERE"
            f" g.image IN {marks(part)}",
            part,
        )
        digests.update(str(digest) for digest, _ in rows)
        names.update(str(name) for _, name in rows)
    return sorted(name for name in names if _last(database, name) in digests)


def _last(database: Database, name: str) -> str:
    rows = database.rows(
        "SELECT s.digest FROM state s JOIN observation o ON o.state = s.id WHERE s.name = ? ORDER"
        " BY o.at DESC, o.scanned <> '' DESC, s.id DESC LIMIT 1",
        (name,),
    )
    return str(rows[0][0]) if rows else ""
