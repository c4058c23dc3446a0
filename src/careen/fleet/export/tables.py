"""Tables of an export: their columns, and their rows an image or a name at a time.

"" and times that nothing states become null: what is not known is no value.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from careen.fleet.ask.trends import spans
from careen.fleet.contents import UNKNOWN_PORTS
from careen.fleet.store.history import History
from careen.fleet.store.port import Database
from careen.model.fleet.grade import Grade, grade_of

Value = str | int | list[int] | None
Row = Sequence[Value]


class Kind(Enum):
    """The type of a column."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"
    PORTS = "ports"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, its columns with their types, and what yields its rows."""

    name: str
    columns: Mapping[str, Kind]
    rows: Callable[[Database, str], Iterator[Row]]


def _of_each_image(database: Database, query: str) -> Iterator[tuple[Value, ...]]:
    """Yield the rows of a query for each image, the image's digest first: never all at once."""
    images = database.rows("SELECT id, digest FROM image ORDER BY id")
    for number, digest in images:
        for row in database.rows(query, (number,)):
            yield (digest, *row)


def _images(database: Database, _until: str) -> Iterator[Row]:
    query = (
        "SELECT i.name, i.platform, i.original, i.inventory, i.profile, i.unseen, i.partial,"
        " i.unreadable, i.distribution, i.verdict, i.policy, i.signer, i.indexed, s.seen FROM image"
        " i LEFT JOIN image_seen s ON s.image = i.id WHERE i.id = ?"
    )
    yield from _of_each_image(database, query)


def _names(database: Database, _until: str) -> Iterator[Row]:
    yield from _of_each_image(database, "SELECT name FROM image_name WHERE image = ?")


def _digests(database: Database, _until: str) -> Iterator[Row]:
    yield from _of_each_image(database, "SELECT digest FROM image_digest WHERE image = ?")


def _layers(database: Database, _until: str) -> Iterator[Row]:
    query = "SELECT place, diff FROM image_layer WHERE image = ? ORDER BY place"
    yield from _of_each_image(database, query)


def _packages(database: Database, _until: str) -> Iterator[Row]:
    query = (
        "SELECT p.purl, p.kind, p.namespace, p.name, p.version, p.source, t.path, i.unseen,"
        " u.grade, u.workload, u.program, u.ports FROM image_unit x JOIN unit_package m ON m.unit ="
        " x.unit JOIN package p ON p.id = m.package JOIN path t ON t.id = m.path JOIN image i ON"
        " i.id = x.image LEFT JOIN image_package k ON k.image = x.image AND k.package = p.id LEFT"
        " JOIN used u ON u.id = k.used WHERE x.image = ?"
    )
    for image, *plain, path, unseen, grade, workload, program, ports in _of_each_image(
        database, query
    ):
        yield (image, *plain, _path(path), *_use(grade, workload, program, ports, str(unseen)))


def _files(database: Database, _until: str) -> Iterator[Row]:
    query = (
        "SELECT t.path, f.sha256, u.grade, u.workload, u.program, u.ports FROM image_unit x JOIN"
        " unit_file m ON m.unit = x.unit JOIN path t ON t.id = m.path JOIN file f ON f.id = m.file"
        " JOIN used u ON u.id = m.used WHERE x.image = ?"
    )
    for image, path, sha256, grade, workload, program, ports in _of_each_image(database, query):
        yield (image, _path(path), _hex(sha256), *_use(grade, workload, program, ports, ""))


def _findings(database: Database, _until: str) -> Iterator[Row]:
    query = "SELECT advisory, purl, severity, tier, since, gone FROM finding WHERE image = ?"
    yield from _of_each_image(database, query)


def _states(database: Database, _until: str) -> Iterator[Row]:
    for name in History(database).names():
        query = (
            "SELECT s.digest, o.at, o.scanned, o.live FROM state s JOIN observation o ON o.state ="
            " s.id WHERE s.name = ? ORDER BY o.at, s.id"
        )
        for row in database.rows(query, (name,)):
            yield (name, *row)


def _history(database: Database, until: str) -> Iterator[Row]:
    history = History(database)
    for name in history.names():
        for each in spans(name, history.states(name, until), until, history.still_there):
            yield (
                each.image,
                each.advisory,
                each.package,
                each.severity,
                each.tier,
                each.found,
                each.seen,
                each.ended,
                each.days,
                each.outcome.value,
            )


def _running(database: Database, _until: str) -> Iterator[Row]:
    lists = database.rows("SELECT cluster FROM running_list ORDER BY cluster")
    for (cluster,) in lists:
        query = (
            "SELECT namespace, pod, container, name, digest, seen FROM running WHERE cluster = ?"
        )
        for row in database.rows(query, (cluster,)):
            yield (cluster, *row)


def _use(grade: Value, workload: Value, program: Value, ports: Value, unseen: str) -> Row:
    if grade is None:
        return (Grade.NOT_KNOWN.value if unseen else Grade.PRESENT.value, None, None, None)
    listens = None if ports == UNKNOWN_PORTS else [int(port) for port in str(ports).split()]
    return (grade_of(int(str(grade))).value, workload, _path(program), listens)


def _path(path: object) -> str:
    """Return a path as text; bytes that are no UTF-8 are escaped."""
    return bytes(path).decode("utf-8", "backslashreplace") if isinstance(path, bytes) else ""


def _hex(digest: object) -> str:
    return digest.hex() if isinstance(digest, bytes) else ""


def _columns(texts: str, **others: Kind) -> dict[str, Kind]:
    return {name: others.get(name, Kind.TEXT) for name in texts.split()}


_USED = "grade workload program ports"
TABLES = (
    Table(
        "images",
        _columns(
            "image name platform original inventory profile unseen partial unreadable distribution"
            " verdict policy signer indexed seen",
            inventory=Kind.TIME,
            profile=Kind.TIME,
            unreadable=Kind.NUMBER,
            indexed=Kind.TIME,
            seen=Kind.TIME,
        ),
        _images,
    ),
    Table("names", _columns("image name"), _names),
    Table("digests", _columns("image digest"), _digests),
    Table("layers", _columns("image place diff", place=Kind.NUMBER), _layers),
    Table(
        "packages",
        _columns(f"image purl type namespace name version source path {_USED}", ports=Kind.PORTS),
        _packages,
    ),
    Table("files", _columns(f"image path sha256 {_USED}", ports=Kind.PORTS), _files),
    Table(
        "findings",
        _columns("image advisory purl severity tier since gone", since=Kind.TIME, gone=Kind.TIME),
        _findings,
    ),
    Table(
        "states",
        _columns("name image at scanned live", at=Kind.TIME, scanned=Kind.TIME, live=Kind.NUMBER),
        _states,
    ),
    Table(
        "history",
        _columns(
            "name advisory package severity tier found last_seen ended days outcome",
            found=Kind.TIME,
            last_seen=Kind.TIME,
            ended=Kind.TIME,
            days=Kind.NUMBER,
        ),
        _history,
    ),
    Table(
        "running",
        _columns("cluster namespace pod container name image seen", seen=Kind.TIME),
        _running,
    ),
)
