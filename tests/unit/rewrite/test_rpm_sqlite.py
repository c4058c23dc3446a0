"""rpm's SQLite database without removed packages, and databases that are left alone."""

import sqlite3
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.rewrite.rpm_sqlite import is_rewritten, rpm_edits, without
from tests.support.rpms import package
from tests.support.trees import Link, tree

DATABASE = ImagePath("/var/lib/rpm/rpmdb.sqlite")
NAMES = ("bash", "glibc", "secret-tool", "zlib")


def blobs(*names: str) -> list[bytes]:
    return [package(name, "1.0", "2", arch="x86_64") for name in names]


def database(*statements: str, rows: Sequence[object] = blobs(*NAMES)) -> bytes:
    """Return a database as rpm makes it: headers, and an index by name; then the statements."""
    with sqlite3.connect(":memory:") as made:
        made.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)")
        made.execute("CREATE TABLE Name (key TEXT, hnum INTEGER, idx INTEGER)")
        made.execute("CREATE INDEX Name_key_idx ON Name (key)")
        made.execute("CREATE TABLE Settings (key TEXT, value TEXT)")
        for number, blob in enumerate(rows, 1):
            made.execute("INSERT INTO Packages VALUES (?, ?)", (number, blob))
            made.execute("INSERT INTO Name VALUES (?, ?, 0)", (f"name-{number}", number))
        made.execute("INSERT INTO Settings VALUES ('a', 'b')")
        for statement in statements:
            made.execute(statement)
        made.commit()
        out = made.serialize()
    made.close()
    return out


def rows(data: bytes, table: str) -> list[tuple[object, ...]]:
    made = sqlite3.connect(":memory:")
    made.deserialize(data)
    found = made.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()  # noqa: S608 — a name of the test
    made.close()
    return found


def gone(*names: str) -> set[tuple[str, str, str]]:
    return {(name, "1.0-2", "x86_64") for name in names}


def test_a_package_leaves_every_table_and_its_bytes_are_gone() -> None:
    data = database()
    assert b"secret-tool" in data
    after = without(data, gone("secret-tool"), "x")
    assert after is not None
    assert b"secret-tool" not in after
    assert [number for number, _ in rows(after, "Packages")] == [1, 2, 4]
    assert [number for _, number, _ in rows(after, "Name")] == [1, 2, 4]
    assert rows(after, "Settings") == [("a", "b")]


def test_the_headers_of_the_others_keep_their_bytes() -> None:
    after = without(database(), gone("bash", "zlib"), "x")
    assert after is not None
    assert rows(after, "Packages") == rows(database(), "Packages")[1:3]


@given(st.sets(st.sampled_from(NAMES)))
def test_any_selection_is_removed_and_the_same_bytes_come_again(names: set[str]) -> None:
    after = without(database(), gone(*names), "x")
    assert after is not None
    assert len(rows(after, "Packages")) == len(NAMES) - len(names)
    assert without(database(), gone(*names), "x") == after


@pytest.mark.parametrize(
    ("header", "identity"),
    [
        (package("a", "1", "2", arch="noarch"), ("a", "1-2", "noarch")),
        (package("a", "1", "2", arch="noarch", epoch=0), ("a", "0:1-2", "noarch")),
        (package("a", "1", "2", arch="noarch", epoch=3), ("a", "3:1-2", "noarch")),
        (package("a", "1", "", arch="(none)"), ("a", "1", "")),
        (package("a", "1", "2"), ("a", "1-2", "")),
    ],
    ids=["plain", "epoch 0", "epoch 3", "no release", "no architecture"],
)
def test_a_package_is_known_by_name_version_and_architecture(
    header: bytes, identity: tuple[str, str, str]
) -> None:
    data = database(rows=[header])
    after = without(data, {identity}, "x")
    assert after is not None
    assert rows(after, "Packages") == []
    name, version, architecture = identity
    for other in ((name, version + "0", architecture), (name, version, "i686"), ("b", version, "")):
        kept = without(data, {other}, "x")
        assert kept is not None
        assert len(rows(kept, "Packages")) == 1


LEFT_ALONE: dict[str, bytes] = {
    "no database": b"",
    "no SQLite": b"\x00" * 5000,
    "cut off": database()[:3000],
    "trigger": database("CREATE TRIGGER t AFTER DELETE ON Name BEGIN DELETE FROM Settings; END"),
    "view": database("CREATE VIEW v AS SELECT * FROM Packages"),
    "no packages": database("DROP TABLE Packages"),
    "header that is none": database(rows=[b"\xff" * 100]),
    "header that ends early": database(rows=[package("a", "1", "2")[:40]]),
}


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_a_database_that_cannot_be_rewritten_safely_is_left_alone(name: str) -> None:
    assert without(LEFT_ALONE[name], gone("bash"), "x") is None
    assert not is_rewritten(tree({DATABASE: LEFT_ALONE[name]}), DATABASE)


def test_rows_that_hold_no_header_are_passed_over() -> None:
    data = database(rows=[*blobs("bash"), "text", 7])
    after = without(data, gone("bash"), "x")
    assert after is not None
    assert [row[1] for row in rows(after, "Packages")] == ["text", 7]


def test_names_of_tables_cannot_become_statements() -> None:
    data = database('CREATE TABLE "x"" WHERE 1; DROP TABLE Settings; --" (hnum INTEGER)')
    after = without(data, gone("bash"), "x")
    assert after is not None
    assert rows(after, "Settings") == [("a", "b")]


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({DATABASE: database(), f"{DATABASE}-wal": b"log"}, DATABASE),
        ({DATABASE: Link("elsewhere")}, DATABASE),
        ({}, DATABASE),
        ({"/var/lib/rpm/Packages": database()}, ImagePath("/var/lib/rpm/Packages")),
    ],
)
def test_other_databases_are_not_rewritten(
    files: dict[str, bytes | str | Link | None], path: ImagePath
) -> None:
    assert not is_rewritten(tree(files), path)
    removed = [made("bash", path)]
    assert rpm_edits(tree(files), removed) == {}


def made(name: str, record: ImagePath) -> Package:
    return Package(
        purl=f"pkg:rpm/fedora/{name}@1.0-2?arch=x86_64",
        ecosystem=Ecosystem.RPM,
        name=name,
        version="1.0-2",
        architecture="x86_64",
        record=record,
        files=(),
    )


def test_each_database_loses_its_own_packages() -> None:
    other = ImagePath("/usr/lib/sysimage/rpm/rpmdb.sqlite")
    rootfs = tree({DATABASE: database(), f"{DATABASE}-wal": b"", other: database()})
    edits = rpm_edits(rootfs, [made("bash", DATABASE), made("zlib", other)])
    assert {path: len(rows(data, "Packages")) for path, data in edits.items()} == {
        DATABASE: 3,
        other: 3,
    }
    assert b"bash" not in edits[DATABASE]
    assert b"bash" in edits[other]
