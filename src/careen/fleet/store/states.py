"""Writing the history of names: what each led to at a time, and the findings of it."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from careen.fleet.store.intern import Interned, marks, take
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

    `scanned` is when that image was scanned, "" without a scan. `live`: the name was seen to lead
    there, and no document says it. `others` are further names of that image.
    """

    name: str
    digest: str
    at: str
    scanned: str = ""
    live: bool = True
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


def put_state(database: Database, named: Named, findings: Sequence[FindingFact]) -> None:
    """Put what a name led to, inside a writing transaction; no findings are known without a scan.

    Documents say of an image without a scan only where its name led: a scan of it replaces that.
    """
    digest = indexed(named.digest)
    parts = list(units(map(_member, findings), MEAN, b"findings\0"))
    content = hashlib.sha256(b"".join(part.digest for part in parts)).digest()
    if named.scanned or not named.live:
        _remove_unscanned(database, (named.name, *named.others), digest)
    if not named.live and named.others:
        _gather(database, named, digest)
    state, new = _state(database, named.name, digest, content if named.scanned else _UNKNOWN)
    if new:
        numbers = _unit_numbers(database, parts)
        database.many(
            "INSERT INTO state_unit (state, unit) VALUES (?, ?)",
            [(state, number) for number in dict.fromkeys(numbers)],
        )
    _observe(database, state, (named.at, named.scanned, int(named.live)))
    _remove_empty(database, digest)


def _state(database: Database, name: str, digest: str, content: bytes) -> tuple[int, bool]:
    """Return the number of a state, and whether it is new."""
    key = (name, digest, content)
    rows = database.rows("SELECT id FROM state WHERE name = ? AND digest = ? AND content = ?", key)
    if rows:
        return int(rows[0][0]), False
    state = take(database, "state", 1)
    database.rows(
        "INSERT INTO state (id, name, digest, content) VALUES (?, ?, ?, ?)", (state, *key)
    )
    return state, True


def _observe(database: Database, state: int, seen: tuple[str, str, int]) -> None:
    database.rows(
        "INSERT INTO observation (state, at, scanned, live) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (state, *seen),
    )


def _remove_unscanned(database: Database, names: Sequence[str], digest: str) -> None:
    database.rows(
        "DELETE FROM observation WHERE live = 0 AND scanned = '' AND state IN (SELECT id FROM state"
        f" WHERE digest = ? AND name IN {marks(names)})",
        (digest, *names),
    )


def _gather(database: Database, named: Named, digest: str) -> None:
    """Move what documents said of an image under its other names: it has one history by them."""
    rows = database.rows(
        "SELECT s.id, s.content, o.at, o.scanned FROM state s JOIN observation o ON o.state = s.id"
        f" WHERE o.live = 0 AND s.digest = ? AND s.name IN {marks(named.others)}",
        (digest, *named.others),
    )
    for other, content, at, scanned in rows:
        state, new = _state(database, named.name, digest, bytes(content))
        if new:
            for (unit,) in database.rows("SELECT unit FROM state_unit WHERE state = ?", (other,)):
                database.rows("INSERT INTO state_unit (state, unit) VALUES (?, ?)", (state, unit))
        _observe(database, state, (at, scanned, 0))
        database.rows("DELETE FROM observation WHERE state = ? AND at = ?", (other, at))


def _remove_empty(database: Database, digest: str) -> None:
    """Remove the states of an image that were seen at no time."""
    rows = database.rows(
        "SELECT s.id FROM state s WHERE s.digest = ? AND NOT EXISTS (SELECT 1 FROM observation o"
        " WHERE o.state = s.id)",
        (digest,),
    )
    for (state,) in rows:
        database.rows("DELETE FROM state_unit WHERE state = ?", (state,))
        database.rows("DELETE FROM state WHERE id = ?", (state,))


def still(database: Database, named: Named) -> bool:
    """Note that a name leads where it led, inside a writing transaction.

    Return whether the store knows what it led to.
    """
    rows = database.rows(
        "SELECT o.state, o.scanned FROM state s JOIN observation o ON o.state = s.id WHERE s.name ="
        " ? AND s.digest = ? ORDER BY o.at DESC, o.scanned DESC LIMIT 1",
        (named.name, indexed(named.digest)),
    )
    for state, scanned in rows:
        _observe(database, state, (named.at, scanned, 1))
    return bool(rows)


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
    of their inventory; of now, if they state no time that is past. So it is with the scan's time.
    """
    names = list(dict.fromkeys(filter(None, map(lineage, facts.known.names))))
    if not names:
        return None
    # Documents of one image are loaded in any order, and must give one history.
    name = names[0] if live else min(names, key=_rank)
    at = now if live else _past(facts.scanned or facts.inventory, now)
    scanned = "" if facts.findings is None else _past(facts.scanned, at)
    others = tuple(each for each in names if each != name)
    return Named(name, facts.known.digests[0], at, scanned, live, others)


def _past(stated: str, now: str) -> str:
    return stated if stated[:1].isdigit() and stated <= now else now


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


def forget_states(database: Database, names: Sequence[str]) -> None:
    """Remove the history of names, and the findings that only it had, inside a transaction."""
    for name in names:
        for table in ("state_unit", "observation"):
            database.rows(
                f"DELETE FROM {table} WHERE state IN (SELECT id FROM state WHERE name = ?)", (name,)
            )
        database.rows("DELETE FROM state WHERE name = ?", (name,))
    for statement in _UNUSED if names else ():
        database.rows(statement)


_UNUSED = (
    "DELETE FROM forgotten_package WHERE digest NOT IN (SELECT digest FROM state)",
    "DELETE FROM finding_unit WHERE id NOT IN (SELECT unit FROM state_unit)",
    "DELETE FROM finding_unit_member WHERE unit NOT IN (SELECT id FROM finding_unit)",
    "DELETE FROM known_finding WHERE id NOT IN (SELECT finding FROM finding_unit_member)",
)
