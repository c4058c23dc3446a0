"""What names led to over time, and the findings of it: the history that trends are counted from."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from careen.fleet.store.intern import Interned, chunks, marks, take
from careen.fleet.store.port import Database
from careen.fleet.texts import indexed, stored
from careen.fleet.units import Unit, packed, rows_at, units
from careen.model.fleet.facts import FindingFact, ImageFacts
from careen.model.packages.purls import read_purl

MEAN = 64
"""Mean findings of a unit: an image keeps most of its findings from one scan to the next."""

Row = tuple[str, str, str, str]
_UNKNOWN = b"unknown"


@dataclass(frozen=True, slots=True)
class Named:
    """What a name led to: an image's digest, and when (RFC 3339, UTC).

    `others` are further names of that image.
    """

    name: str
    digest: str
    at: str
    others: tuple[str, ...] = ()


def lineage(name: str) -> str:
    """Return a name as the history is kept by it, "" for none.

    The transport goes, and the digest if there is a tag. A digest alone never leads elsewhere, so
    each has a history of its own.
    """
    whole = name.removeprefix("docker://")
    plain = whole.partition("@sha256:")[0]
    kept = plain if _has_tag(plain) else whole
    return "" if kept.startswith(("sha256:", "name:")) else indexed(kept)


def _has_tag(name: str) -> bool:
    return "@sha256:" not in name and ":" in name.rpartition("/")[2]


def _rank(name: str) -> tuple[bool, bool, str]:
    """Order the names of an image: with a tag, with neither, by digest."""
    return not _has_tag(name), "@sha256:" in name, name


def put_state(database: Database, named: Named, findings: Sequence[FindingFact] | None) -> None:
    """Put what a name led to, inside a writing transaction; None without a scan.

    A state that is as the one before it extends that one. One of the same time replaces it, and a
    scan replaces states of the image that had none.
    """
    parts = list(units(map(_member, findings or ()), MEAN, b"findings\0"))
    content = hashlib.sha256(b"".join(part.digest for part in parts)).digest()
    until = named.at
    if findings is None:
        content = _UNKNOWN
    else:
        until = max(until, *_removed_unscanned(database, named), until)
    before = database.rows(
        "SELECT id, digest, content, at, until FROM state WHERE name = ? AND at <= ?"
        " ORDER BY at DESC, id DESC LIMIT 1",
        (named.name, named.at),
    )
    for number, digest, there, at, last in before:
        if digest == indexed(named.digest) and bytes(there) == content:
            database.rows("UPDATE state SET until = ? WHERE id = ?", (max(until, last), number))
            return
        if at == named.at:
            _remove(database, [number])
    state = take(database, "state", 1)
    database.rows(
        f"INSERT INTO state (id, name, digest, at, until, scanned, content) VALUES {marks(range(7))}",
        (
            state,
            named.name,
            indexed(named.digest),
            named.at,
            until,
            int(findings is not None),
            content,
        ),
    )
    numbers = _unit_numbers(database, parts)
    database.many(
        "INSERT INTO state_unit (state, unit) VALUES (?, ?)",
        [(state, number) for number in dict.fromkeys(numbers)],
    )


def _removed_unscanned(database: Database, named: Named) -> list[str]:
    """Remove the states of an image from before it was scanned, and return when each ended."""
    names = (named.name, *named.others)
    rows = database.rows(
        f"SELECT id, until FROM state WHERE scanned = 0 AND digest = ? AND name IN {marks(names)}",
        (indexed(named.digest), *names),
    )
    _remove(database, [row[0] for row in rows])
    return [str(row[1]) for row in rows]


def _remove(database: Database, states: Sequence[int]) -> None:
    for state in states:
        database.rows("DELETE FROM state_unit WHERE state = ?", (state,))
        database.rows("DELETE FROM state WHERE id = ?", (state,))


def still(database: Database, named: Named) -> None:
    """Note that a name leads where it led, inside a writing transaction."""
    database.rows(
        "UPDATE state SET until = ? WHERE digest = ? AND id = (SELECT id FROM state WHERE name = ?"
        " ORDER BY at DESC, id DESC LIMIT 1)",
        (named.at, indexed(named.digest), named.name),
    )


def stored_names(database: Database, digests: Sequence[str]) -> tuple[str, ...]:
    """Return the names by which the store knows the image with one of these digests."""
    rows = database.rows(
        "SELECT DISTINCT n.name FROM image_digest g JOIN image_name n ON n.image = g.image WHERE"
        f" g.digest IN {marks(digests)} ORDER BY n.name",
        tuple(map(indexed, digests)),
    )
    return tuple(str(row[0]) for row in rows)


def state_of(facts: ImageFacts, now: str, *, live: bool) -> Named | None:
    """Return what an image's name leads to, None without a name.

    A `live` load saw its first name lead there now. Documents say it of the time of their scan, or
    of their inventory; of now, if they state no time that is past.
    """
    names = list(dict.fromkeys(filter(None, map(lineage, facts.known.names))))
    if not names:
        return None
    # Documents of one image are loaded in any order, and must give one history.
    name = names[0] if live else min(names, key=_rank)
    stated = "" if live else facts.scanned or facts.inventory
    at = stated if stated[:1].isdigit() and stated <= now else now
    return Named(name, facts.known.digests[0], at, tuple(each for each in names if each != name))


def _member(fact: FindingFact) -> tuple[bytes, bytes]:
    row = (
        indexed(fact.advisory),
        indexed(fact.purl),
        stored(fact.severity),
        stored(fact.tier),
    )
    # An upgrade that closes nothing moves no cut.
    name = packed(row[0].encode(), without_version(row[1]).encode())
    return name, packed(*(part.encode() for part in row))


def _rows(content: bytes) -> Iterator[tuple[bytes, Row]]:
    """Yield the findings of a unit, each with the SHA-256 of its content."""
    for fields in rows_at(content, 4):
        advisory, purl, severity, tier = map(bytes.decode, fields)
        yield hashlib.sha256(packed(*fields)).digest(), (advisory, purl, severity, tier)


def without_version(purl: str) -> str:
    """Return a package's name that upgrades keep: its purl's type, namespace and name."""
    read = read_purl(purl)
    if read is None:
        return purl
    return "/".join(filter(None, (f"pkg:{read.type}", read.namespace, read.name)))


def _unit_numbers(database: Database, parts: Sequence[Unit]) -> list[int]:
    by_digest = {part.digest: part.content for part in parts}
    # Not kept between images: another process may remove rows meanwhile.
    numbers, new = Interned(database, "finding_unit", "digest").numbers(
        by_digest, lambda key: (key,)
    )
    inside = [(numbers[unit], *found) for unit in new for found in _rows(by_digest[unit])]
    rows = {key: row for _, key, row in inside}
    findings, _ = Interned(
        database, "known_finding", "digest, advisory, purl, severity, tier"
    ).numbers(rows, lambda key: (key, *rows[key]))
    database.many(
        "INSERT INTO finding_unit_member (unit, finding) VALUES (?, ?)",
        sorted({(unit, findings[key]) for unit, key, _ in inside}),
    )
    return [numbers[part.digest] for part in parts]


@dataclass(frozen=True, slots=True)
class State:
    """One state of a name; `findings` are advisory, purl, severity and tier, None without a scan."""

    digest: str
    at: str
    until: str
    findings: list[Row] | None


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

    def states(self, name: str) -> Iterator[State]:
        """Yield the states of a name in their order."""
        rows = self._database.rows(
            "SELECT id, digest, at, until, scanned FROM state WHERE name = ? ORDER BY at, id",
            (name,),
        )
        for number, digest, at, until, scanned in rows:
            yield State(digest, at, until, self._findings(number) if scanned else None)

    def _findings(self, state: int) -> list[Row]:
        rows = self._database.rows("SELECT unit FROM state_unit WHERE state = ?", (state,))
        return [row for (unit,) in rows for row in self._members(unit)]

    def still_there(self, digest: str, purls: Sequence[str]) -> set[str] | None:
        """Return which packages an image has, None if the store has no inventory of it."""
        images = self._database.rows(
            "SELECT i.id FROM image_digest g JOIN image i ON i.id = g.image WHERE g.digest = ?"
            " AND i.inventory <> '' AND i.partial = ''",
            (digest,),
        )
        found: set[str] = set()
        for (image,) in images:
            for part in chunks(purls):
                rows = self._database.rows(
                    "SELECT p.purl FROM image_unit u JOIN unit_package m ON m.unit = u.unit JOIN"
                    f" package p ON p.id = m.package WHERE u.image = ? AND p.purl IN {marks(part)}",
                    (image, *part),
                )
                found.update(str(row[0]) for row in rows)
        return found if images else None

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


_MOST_HELD = 300_000
"""Findings in memory at once, for the units that many images share."""


def names_of(database: Database, images: Sequence[int]) -> list[str]:
    """Return the names that lead to one of these images by their last state, sorted."""
    found: set[str] = set()
    for part in chunks(images):
        rows = database.rows(
            "SELECT s.name FROM state s JOIN image_digest g ON g.digest = s.digest WHERE g.image IN"
            f" {marks(part)} AND s.id = (SELECT t.id FROM state t WHERE t.name = s.name"
            " ORDER BY t.at DESC, t.id DESC LIMIT 1)",
            part,
        )
        found.update(str(row[0]) for row in rows)
    return sorted(found)


def forget_states(database: Database, names: Sequence[str]) -> None:
    """Remove the history of names, and the findings that only it had, inside a transaction."""
    for name in names:
        database.rows(
            "DELETE FROM state_unit WHERE state IN (SELECT id FROM state WHERE name = ?)", (name,)
        )
        database.rows("DELETE FROM state WHERE name = ?", (name,))
    for statement in _UNUSED if names else ():
        database.rows(statement)


_UNUSED = (
    "DELETE FROM finding_unit WHERE id NOT IN (SELECT unit FROM state_unit)",
    "DELETE FROM finding_unit_member WHERE unit NOT IN (SELECT id FROM finding_unit)",
    "DELETE FROM known_finding WHERE id NOT IN (SELECT finding FROM finding_unit_member)",
)
