"""The store: what is put twice is there once, and what breaks leaves it as it was."""

import errno
import json
import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from careen.errors import InputError
from careen.fleet.store.migrate import versions
from careen.fleet.store.place import opened, store_place
from careen.fleet.store.port import StoreError
from careen.fleet.store.reader import Reader
from careen.fleet.store.sqlite import SqliteDatabase
from careen.model.runs.trace import Use
from careen.pipeline.fleet.forget import ForgetRequest, forget
from tests.support.fleet import LOG4J, Fleet, digest, rbom, sbom, used

BASE = [f"pkg:deb/debian/lib{number}@1.{number}?arch=amd64" for number in range(400)]


def count(fleet: Fleet, table: str) -> int:
    """Return the rows of a table."""
    with opened(fleet.store, write=False) as database:
        return int(database.rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("a.json", sbom(1, BASE))
    fleet.write("b.json", rbom(1, [used("/app/x.jar", Use.MAPPED, LOG4J)]))
    first = fleet.index()
    assert (first.images, first.unchanged, first.fleet) == (2, 0, 1)
    before = {table: count(fleet, table) for table in ("package", "unit", "image_unit", "document")}
    again = fleet.index()
    assert (again.images, again.unchanged, again.fleet) == (0, 2, 1)
    assert {table: count(fleet, table) for table in before} == before


def test_a_base_that_images_share_is_there_once(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    for number in range(20):
        fleet.write(f"{number}.json", sbom(number, [*BASE, f"pkg:pypi/own{number}@1"]))
    fleet.index()
    assert count(fleet, "package") == len(BASE) + 20
    assert count(fleet, "unit_package") < 2 * len(BASE)
    fleet.write(
        "other.json",
        sbom(99, ["pkg:deb/debian/lib7@9?arch=amd64", *BASE[:7], *BASE[8:], "pkg:pypi/own0@1"]),
    )
    before = count(fleet, "unit")
    fleet.index()
    assert count(fleet, "unit") == before + 1


def test_the_newest_document_of_a_kind_counts_whichever_comes_first(tmp_path: Path) -> None:
    new = sbom(1, ["pkg:pypi/new@1"], timestamp="2026-11-02T00:00:00Z")
    old = sbom(1, ["pkg:pypi/old@1"], timestamp="2026-10-01T00:00:00Z")
    for folder, names in (("x", ("1.json", "2.json")), ("y", ("2.json", "1.json"))):
        (tmp_path / folder).mkdir()
        fleet = Fleet(tmp_path / folder)
        for name, content in zip(names, (new, old), strict=True):
            fleet.write(name, content)
        fleet.index()
        assert list(fleet.grades("pkg:pypi/new")) == ["shop/app:1"]
        assert fleet.grades("pkg:pypi/old") == {}
        assert fleet.index().unchanged == 2


def test_of_two_runs_at_once_the_newer_inventory_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = Fleet(tmp_path)
    new = fleet.write("new.json", sbom(1, ["pkg:pypi/new@1"], timestamp="2026-11-02T00:00:00Z"))
    old = fleet.write("old.json", sbom(1, ["pkg:pypi/old@1"], timestamp="2026-10-01T00:00:00Z"))
    begun: list[str] = []
    writing = SqliteDatabase.writing

    @contextmanager
    def other_first(database: SqliteDatabase) -> Iterator[None]:
        if not begun and migrated(database):  # the other run puts its own just before this one
            begun.append(database.name)
            fleet.index(new)
        with writing(database):
            yield

    def migrated(database: SqliteDatabase) -> bool:
        return database.has_table("running")

    monkeypatch.setattr(SqliteDatabase, "writing", other_first)
    fleet.index(old)
    assert begun
    assert list(fleet.grades("pkg:pypi/new")) == ["shop/app:1"]
    assert fleet.grades("pkg:pypi/old") == {}


def test_documents_are_stored_as_written(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    content = sbom(1, ["pkg:pypi/\udcff@1"])
    fleet.write("a.json", content)
    fleet.index()
    with opened(fleet.store, write=False) as database:
        found = Reader(database).documents((digest(1),))
    assert [(each.kind, each.content) for each in found] == [("sbom", content)]


def test_a_forgotten_image_leaves_nothing_behind(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("1.json", sbom(1, BASE))
    fleet.index()
    tables = ("package", "unit", "unit_package", "unit_file", "file", "path", "document", "used")
    before = {table: count(fleet, table) for table in tables}
    other = fleet.write("2/rbom.json", rbom(2, [used("/a.jar", Use.MAPPED, LOG4J)]))
    fleet.write("2/sbom.cdx.json", sbom(2, [LOG4J]))
    fleet.index(other.parent)
    assert forget(fleet.store, ForgetRequest(("shop/app:2",))).images == (digest(2),)
    assert {table: count(fleet, table) for table in tables} == before
    with pytest.raises(InputError, match="no image of the store"):
        forget(fleet.store, ForgetRequest((digest(1), "shop/none:1")))
    assert count(fleet, "image") == 1
    fleet.index(other.parent)
    assert fleet.grades(LOG4J) == {"shop/app:2": "executed"}


def _killed(store: str, folder: Path) -> None:
    """Index until this process is killed, in the middle of a transaction."""
    with opened(store, write=True) as database, database.writing():
        database.rows("DELETE FROM image_unit")
        (folder / "there").touch()
        time.sleep(60)


def test_a_killed_run_leaves_the_store_as_it_was_and_the_next_goes_on(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("1.json", sbom(1, BASE))
    fleet.index()
    process = multiprocessing.get_context("spawn").Process(
        target=_killed, args=(fleet.store, tmp_path)
    )
    process.start()
    while not (tmp_path / "there").exists():
        time.sleep(0.01)
    assert list(fleet.grades("pkg:deb/debian/lib7")) == ["shop/app:1"]  # readers do not wait
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    fleet.write("2.json", sbom(2, BASE))
    assert fleet.index().images == 1
    assert list(fleet.grades("pkg:deb/debian/lib7")) == ["shop/app:1", "shop/app:2"]


def test_a_killed_first_step_leaves_no_half_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = versions()[0]
    broken = first[1].replace("CREATE TABLE finding", "CREATE TABLE counter")
    with monkeypatch.context() as patched:
        patched.setattr("careen.fleet.store.migrate.versions", lambda: ((1, broken),))
        with pytest.raises(StoreError), opened(str(tmp_path / "f.db"), write=True):
            pass
    with opened(str(tmp_path / "f.db"), write=True) as database:
        assert database.has_table("finding")


def test_a_step_of_the_schema_keeps_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("1.json", sbom(1, BASE))
    fleet.index()
    steps = (*versions(), (99, "ALTER TABLE image ADD COLUMN more TEXT;\n"))
    with monkeypatch.context() as newer:
        newer.setattr("careen.fleet.store.migrate.versions", lambda: steps)
        with pytest.raises(StoreError, match="brings it to that version"):
            fleet.grades("pkg:pypi/x")
        with opened(fleet.store, write=True) as database:
            assert database.rows("SELECT digest, more FROM image") == [(digest(1), None)]
    with pytest.raises(StoreError, match="use the careen that wrote it"):
        fleet.grades("pkg:pypi/x")
    with pytest.raises(StoreError, match="use the careen that wrote it"):
        fleet.index()


@pytest.mark.parametrize("write", [True, False])
def test_what_is_no_store_is_one_clear_line(tmp_path: Path, *, write: bool) -> None:
    (tmp_path / "text").write_text("not a database at all\n" * 100)
    sqlite3.connect(tmp_path / "other").execute("CREATE TABLE x (y)").connection.close()
    (tmp_path / "cut").write_bytes(b"SQLite format 3\0" + b"\0" * 50)
    for name, said in (
        ("text", "cannot be used"),
        ("other", "not a store of careen's fleet"),
        ("cut", "not a store|cannot be used"),
        ("", "a directory"),
        ("mysql://x/y", "not a store"),
    ):
        place = name if "://" in name else str(tmp_path / name)
        with pytest.raises(InputError, match=said) as failed, opened(place, write=write):
            pass
        assert "\n" not in str(failed.value)
    if not write:
        with (
            pytest.raises(StoreError, match="there is no store"),
            opened(str(tmp_path / "none"), write=False),
        ):
            pass
        assert not (tmp_path / "none").exists()


def test_a_store_without_rights_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("1.json", sbom(1, BASE))
    fleet.index()
    monkeypatch.setattr(os, "access", lambda *_: False)
    for write in (True, False):
        with pytest.raises(PermissionError) as failed, opened(fleet.store, write=write):
            pass
        assert (failed.value.errno, failed.value.filename) == (errno.EACCES, fleet.store)


def test_the_place_of_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    monkeypatch.delenv("CAREEN_FLEET", raising=False)
    assert store_place(None) == "/data/careen/fleet.db"
    monkeypatch.setenv("CAREEN_FLEET", "postgresql:///fleet")
    assert store_place(None) == "postgresql:///fleet"
    assert store_place("x.db") == "x.db"


def test_a_path_that_looks_like_a_url_of_sqlite_is_a_path(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, str(tmp_path / "a?mode=memory&x#%20.db"))
    fleet.write("1.json", sbom(1, BASE))
    fleet.index()
    assert Path(fleet.store).stat().st_size > 0
    assert json.dumps(fleet.grades("pkg:deb/debian/lib7")) == '{"shop/app:1": "not known"}'
