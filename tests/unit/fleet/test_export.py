"""The store as Parquet files, read by DuckDB as a user would."""

import json
import os
from pathlib import Path
from typing import Any

import click
import duckdb
import pytest
from click.testing import CliRunner

from careen.cli.verbs.fleet import command
from careen.errors import CareenError, InputError, ToolError
from careen.fleet.export import parquet
from careen.model.runs.trace import Use
from tests.support.fleet import JAVA, LOG4J, Fleet, digest, rbom, sbom, scan, used
from tests.unit.fleet.test_running import pods

HOSTILE = "x'); DROP TABLE image; --\x1b[31m\n"


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    monkeypatch.setenv("CAREEN_WORKDIR", str(tmp_path / "work"))
    monkeypatch.chdir(tmp_path)
    fleet = Fleet(tmp_path)
    fleet.write("1.json", sbom(1, [LOG4J, "pkg:pypi/idle@1"]))
    fleet.write("1-rbom.json", rbom(1, [used("/x/\udcff.jar", Use.MAPPED, LOG4J)], [(80, JAVA)]))
    fleet.write("1-scan.json", scan(1, "2026-01-01", [("CVE-1", LOG4J, "high")]))
    bom = json.loads(sbom(2, [LOG4J]))
    bom["metadata"]["component"]["name"] = HOSTILE
    del bom["metadata"]["timestamp"]
    fleet.write("2.json", json.dumps(bom).encode())
    fleet.write("prod.json", pods(("shop/app:1", digest(1))))
    assert fleet.index().refused == ()
    return fleet


def export(fleet: Fleet, *words: str) -> str:
    given = ("export", "out", "--store", fleet.store, *words)
    done = CliRunner().invoke(command, given, standalone_mode=False, catch_exceptions=False)
    return done.stdout


def ask(query: str) -> list[tuple[Any, ...]]:
    return duckdb.connect().execute(query).fetchall()


def test_duckdb_reads_every_table(fleet: Fleet) -> None:
    done = json.loads(export(fleet, "--json"))
    rows = {each["name"]: each["rows"] for each in done["tables"]}
    assert rows == {
        "images.parquet": 2,
        "names.parquet": 2,
        "digests.parquet": 2,
        "layers.parquet": 1,
        "packages.parquet": 3,
        "files.parquet": 1,
        "findings.parquet": 1,
        "states.parquet": 2,
        "history.parquet": 1,
        "running.parquet": 1,
    }
    for name, count in rows.items():
        assert duckdb.connect().read_parquet(f"out/{name}").shape[0] == count
    grades = "SELECT image, name, grade FROM 'out/packages.parquet' ORDER BY image, name"
    assert ask(grades) == [
        (digest(1), "idle", *fleet.grades("pkg:pypi/idle").values()),
        (digest(1), "log4j-core", "executed"),
        (digest(2), "log4j-core", "not known"),
    ]
    assert ask("SELECT path, ports FROM 'out/files.parquet'") == [("/x/\\xff.jar", [80])]
    assert ask("SELECT outcome, year(found) FROM 'out/history.parquet'") == [("open", 2026)]


def test_what_is_not_known_is_null(fleet: Fleet) -> None:
    export(fleet)
    query = "SELECT name, inventory, profile, verdict FROM 'out/images.parquet' ORDER BY image"
    first, second = ask(query)
    assert first[1] is not None
    assert second == (HOSTILE, None, None, None)


def test_an_earlier_export_is_replaced_and_nothing_else(fleet: Fleet) -> None:
    export(fleet)
    fleet.write("3.json", sbom(3, [LOG4J]))
    fleet.index()
    export(fleet)
    assert ask("SELECT count(*) FROM 'out/images.parquet'") == [(3,)]
    Path("out/notes.txt").touch()
    with pytest.raises(InputError, match=r"notes\.txt"):
        export(fleet)


@pytest.mark.parametrize("error", [OSError(28, os.strerror(28)), KeyboardInterrupt()])
def test_what_fails_leaves_the_earlier_export(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    export(fleet)
    before = {path: path.read_bytes() for path in Path("out").iterdir()}

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(parquet, "_column", fail)
    with pytest.raises((ToolError, click.Abort)):
        export(fleet)
    assert {path: path.read_bytes() for path in Path("out").iterdir()} == before
    assert [path.name for path in Path().iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export", "missing/out"), "parent directory does not exist"),
        (("export", "documents/1.json"), "not a directory|is a file"),
        (("export", "out", "--store", "none.db"), "no store of a fleet"),
    ],
)
def test_a_mistake_is_one_line(fleet: Fleet, words: tuple[str, ...], said: str) -> None:
    given = words if "--store" in words else (*words, "--store", fleet.store)
    with pytest.raises(Exception, match=said) as failed:
        CliRunner().invoke(command, given, standalone_mode=False, catch_exceptions=False)
    assert "\n" not in str(failed.value)
    assert not isinstance(failed.value, AssertionError) or isinstance(failed.value, CareenError)
