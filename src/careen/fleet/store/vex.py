"""What VEX says of images, in the store."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from careen.fleet.store.intern import Interned
from careen.fleet.store.port import Database
from careen.fleet.texts import indexed, stored
from careen.fleet.units import packed, rows_at, units
from careen.model.fleet.facts import VexFact

MEAN = 64


def put_vex(database: Database, image: str, facts: Sequence[VexFact]) -> None:
    """Put what VEX says of an image (a digest) in place of before, inside a transaction."""
    database.rows("DELETE FROM image_vex WHERE digest = ?", (indexed(image),))
    rows = {
        (indexed(each.advisory), indexed(each.package)): (stored(each.status), stored(each.why))
        for each in facts
    }
    members = [(_packed(key), _packed((*key, *said))) for key, said in rows.items()]
    parts = {part.digest: part for part in units(members, MEAN, b"vex\0")}
    numbers, new = Interned(database, "vex_unit", "digest").numbers(parts, lambda key: (key,))
    database.many(
        "INSERT INTO vex_statement (advisory, unit, package, status, why) VALUES (?, ?, ?, ?, ?)",
        [
            (advisory, numbers[digest], package, status, why)
            for digest in new
            for advisory, package, status, why in _rows(parts[digest].content)
        ],
    )
    database.many(
        "INSERT INTO image_vex (unit, digest) VALUES (?, ?)",
        [(numbers[digest], indexed(image)) for digest in parts],
    )


def _packed(row: Iterable[str]) -> bytes:
    return packed(*(part.encode() for part in row))


def _rows(content: bytes) -> Iterator[tuple[str, ...]]:
    for fields in rows_at(content, 4):
        yield tuple(map(bytes.decode, fields))


def vex_of(database: Database, advisory: str) -> Mapping[str, list[tuple[str, str]]]:
    """Return what VEX says of a vulnerability, by the image's digest: purls, and the words."""
    out: dict[str, list[tuple[str, str]]] = {}
    for digest, package, status, why in database.rows(
        "SELECT i.digest, s.package, s.status, s.why FROM vex_statement s JOIN image_vex i ON"
        " i.unit = s.unit WHERE s.advisory = ? ORDER BY s.package",
        (indexed(advisory),),
    ):
        out.setdefault(str(digest), []).append((package, f"{status}: {why}" if why else status))
    return out


UNUSED = (
    "DELETE FROM image_vex WHERE digest NOT IN (SELECT digest FROM image_digest)",
    "DELETE FROM vex_unit WHERE id NOT IN (SELECT unit FROM image_vex)",
    "DELETE FROM vex_statement WHERE unit NOT IN (SELECT id FROM vex_unit)",
)
"""What removes statements of images that are gone."""
