"""The store of the fleet in a real PostgreSQL: the answers of SQLite, locks, and what fails."""

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from careen.fleet.store.place import opened
from careen.fleet.store.port import StoreError
from careen.model.fleet.grade import Grade
from careen.model.fleet.question import Filters
from careen.model.runs.trace import Use
from careen.pipeline.fleet.export import export
from careen.pipeline.fleet.forget import ForgetRequest, forget
from careen.pipeline.fleet.index import index
from careen.pipeline.fleet.trends import Period, trends
from careen.pipeline.run.session import session
from careen.pipeline.run.settings import Settings
from careen.report.terminal_output.progress import SilentProgress
from tests.support.fleet import JAVA, LOG4J, Fleet, digest, rbom, sbom, scan, used
from tests.support.postgres_cluster import postgres

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

ODD = "x'); DROP TABLE image; -- \"\0%s ? \ud800"
DEBS = [f"pkg:deb/debian/lib{number}@1.{number}?arch=amd64" for number in range(100)]


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(name="store")
def _store(server: str, request: pytest.FixtureRequest) -> str:
    """An empty database of the test's own."""
    name = f"fleet_{abs(hash(request.node.name))}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return server.replace("/postgres?", f"/{name}?")


def documents(fleet: Fleet) -> None:
    """Write what three images say, with names that are hostile to SQL."""
    odd = {"type": "library", "name": ODD, "version": "1", "purl": "pkg:pypi/odd%27%00%3B@1"}
    record = {"properties": [{"name": "careen:record", "value": f"/{ODD}/record"}]}
    fleet.write("1.json", sbom(1, [LOG4J, *DEBS, {**odd, **record}]))
    bom = json.loads(rbom(1, [used("/x/log4j.jar", Use.MAPPED, LOG4J)], [(8080, JAVA)]))
    bom["image"]["reference"] = ODD
    fleet.write("1-rbom.json", json.dumps(bom).encode())
    fleet.write("2.json", sbom(2, [LOG4J.replace("2.14.1", "2.17.1"), *DEBS]))
    fleet.write("2-rbom.json", rbom(2, [used("/bin/\udcff", Use.EXECUTED)]))
    fleet.write("3.json", sbom(3, [LOG4J, *DEBS]))


def test_the_answers_are_those_of_sqlite(tmp_path: Path, store: str) -> None:
    server, file = Fleet(tmp_path, store), Fleet(tmp_path)
    documents(server)
    for fleet in (server, file):
        assert fleet.index().refused == ()
        assert fleet.index().unchanged == 5
    for text in (
        LOG4J,
        "pkg:maven/org.apache.logging.log4j/log4j-core<2.17.1",
        "pkg:deb/lib7>1",
        "pkg:deb/debian/none",
        "**/*.jar",
        "/bin/**",
        "**/record",
        f"sha256:{sum(b'/x/log4j.jar'):064x}",
    ):
        for filters in (Filters(), Filters(grade=Grade.EXECUTED), Filters(listening=True)):
            assert server.ask(text, filters) == file.ask(text, filters)
    assert server.ask("**/*.jar").affected == 1
    forget(store, ForgetRequest((digest(3),)))
    assert server.ask(LOG4J).affected == 1


def _index(store: str, folder: Path) -> None:
    done = index(store, (folder,), SilentProgress())
    os._exit(1 if done.refused else 0)


def test_writers_take_turns(tmp_path: Path, store: str) -> None:
    fleet = Fleet(tmp_path, store)
    for number in range(24):
        fleet.write(f"{number % 3}/{number}.json", sbom(number, [*DEBS, f"pkg:pypi/x{number}@1"]))
    with opened(store, write=True):
        pass
    spawn = multiprocessing.get_context("spawn")
    processes = [
        spawn.Process(target=_index, args=(store, fleet.folder / str(part))) for part in range(3)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert fleet.ask("pkg:deb/lib7").affected == 24
    assert all(fleet.ask(f"pkg:pypi/x{number}").affected == 1 for number in range(24))


def _killed(store: str, folder: Path) -> None:
    with opened(store, write=True) as database, database.writing():
        database.rows("DELETE FROM image_unit")
        (folder / "there").touch()
        time.sleep(60)


def test_a_killed_writer_leaves_no_lock_and_no_change(tmp_path: Path, store: str) -> None:
    fleet = Fleet(tmp_path, store)
    documents(fleet)
    fleet.index()
    process = multiprocessing.get_context("spawn").Process(target=_killed, args=(store, tmp_path))
    process.start()
    while not (tmp_path / "there").exists():
        time.sleep(0.01)
    assert fleet.ask("pkg:deb/lib7").affected == 3  # readers do not wait
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    fleet.write("4.json", sbom(4, DEBS))
    assert fleet.index().images == 1
    assert fleet.ask("pkg:deb/lib7").affected == 4


def test_what_fails_is_one_line_without_the_password(store: str, tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, store)
    with pytest.raises(StoreError, match="no store of a fleet"):
        fleet.ask(LOG4J)
    gone = "postgresql://user:secret@127.0.0.1:1/none?sslmode=disable"
    for place in (gone, store.replace("/fleet_", "/none_")):
        with pytest.raises(StoreError, match="cannot be used") as failed, opened(place, write=True):
            pass
        assert "\n" not in str(failed.value)
        assert "secret" not in str(failed.value)
    with opened(store, write=True) as database:
        database.rows("UPDATE fleet_version SET version = 99")
    with pytest.raises(StoreError, match="use the careen that wrote it"):
        fleet.ask(LOG4J)


def test_the_history_is_that_of_sqlite(
    tmp_path: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAREEN_WORKDIR", str(tmp_path / "work"))
    server, file = Fleet(tmp_path, store), Fleet(tmp_path)
    documents(server)
    found_on = ((1, "2026-01-01", LOG4J), (3, "2026-01-21", ODD), (2, "2026-02-10", ODD))
    for number, day, found in found_on:
        scanned = scan(number, day, [("CVE-1", found, "high"), (ODD, DEBS[1], ODD)])
        server.write(f"{number}-scan.json", scanned)
    period = Period("", "2026-06-30T00:00:00Z")
    for fleet in (server, file):
        assert fleet.index().refused == ()
    theirs, ours = trends(server.store, period), trends(file.store, period)
    assert replace(theirs, store="") == replace(ours, store="")
    assert ours.rows
    tables = []
    for fleet in (server, file):
        with session(Settings(tmp_path / "work"), SilentProgress()) as run:
            done = export(fleet.store, tmp_path / "out", run)
        tables.append([(each.name, each.rows) for each in done.tables])
    assert tables[0] == tables[1]
    assert all(rows for name, rows in tables[0] if name != "running.parquet")
    for fleet in (server, file):
        forget(fleet.store, ForgetRequest((digest(3),)))
        assert trends(fleet.store, period).rows == ours.rows
        with opened(fleet.store, write=True) as database, database.writing():
            assert database.rows("SELECT there FROM forgotten_package") == [(1,)]
            database.rows("UPDATE image_seen SET seen = '2020-01-01T00:00:00Z'")
        assert len(forget(fleet.store, ForgetRequest(older_than=90)).images) == 2
        with opened(fleet.store, write=True) as database:
            for table in (
                "state",
                "state_unit",
                "known_finding",
                "package",
                "document",
                "origin",
                "observation",
                "forgotten_package",
            ):
                assert database.rows(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608


def test_a_user_without_rights_may_read_or_is_told(tmp_path: Path, store: str) -> None:
    fleet = Fleet(tmp_path, store)
    fleet.write("1.json", sbom(1, [LOG4J]))
    fleet.index()
    query = store.partition("@")[2]
    with psycopg.connect(store, autocommit=True) as connection:
        connection.execute("CREATE ROLE auditor LOGIN")
    auditor = Fleet(tmp_path, f"postgresql://auditor@{query}")
    period = Period("", "2027-06-30T00:00:00Z")
    for doing in (
        lambda: auditor.ask(LOG4J),
        lambda: trends(auditor.store, period),
        lambda: forget(auditor.store, ForgetRequest(older_than=1, dry_run=True)),
    ):
        with pytest.raises(StoreError, match="permission denied") as failed:
            doing()
        assert "\n" not in str(failed.value)
    with psycopg.connect(store, autocommit=True) as connection:
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO auditor")
    assert auditor.ask(LOG4J).affected == 1
    assert trends(auditor.store, period).images == 1
    assert forget(auditor.store, ForgetRequest(older_than=9999, dry_run=True)).images == ()
    fleet.write("2.json", sbom(2, [LOG4J]))
    for change in (auditor.index, lambda: forget(auditor.store, ForgetRequest((digest(1),)))):
        with pytest.raises(StoreError, match="permission denied"):
            change()
    assert fleet.ask(LOG4J).affected == 1
