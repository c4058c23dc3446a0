"""What goes by its age, and what stays: what runs, and the history of names that are loaded."""

import datetime as dt
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from careen.cli.verbs.fleet import command
from careen.errors import InputError
from careen.fleet.store.history import History
from careen.fleet.store.place import opened
from careen.pipeline.fleet.gathering import Gathering
from careen.pipeline.fleet.index import index
from careen.pipeline.fleet.reading import ReadSource, read_all
from careen.pipeline.run.session import session
from careen.pipeline.run.settings import Settings
from careen.report.terminal_output.progress import SilentProgress
from tests.support.fleet import LOG4J, Fleet, digest, sbom, scan
from tests.unit.fleet.test_running import pods


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """Three images, of which the first two were last loaded a hundred days ago."""
    fleet = Fleet(tmp_path)
    for number in (1, 2, 3):
        fleet.write(f"{number}.json", sbom(number, [LOG4J, f"pkg:pypi/own{number}@1"]))
    fleet.index()
    with opened(fleet.store, write=True) as database, database.writing():
        database.rows(
            "UPDATE image_seen SET seen = ? WHERE image IN (SELECT id FROM image WHERE digest IN"
            " (?, ?))",
            (days_ago(100), digest(1), digest(2)),
        )
    return fleet


def days_ago(days: int) -> str:
    then = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def forget(fleet: Fleet, *words: str) -> str:
    given = ("forget", *words, "--store", fleet.store)
    return CliRunner().invoke(command, given, standalone_mode=False, catch_exceptions=False).stdout


def test_a_dry_run_says_what_would_go_and_removes_nothing(fleet: Fleet) -> None:
    said = forget(fleet, "--older-than", "90d", "--dry-run")
    assert said.splitlines()[:2] == [digest(1), digest(2)]
    assert "2 images would be removed, 1 left" in said
    assert fleet.ask(LOG4J).affected == 3
    assert json.loads(forget(fleet, "--older-than", "90d", "--dry-run", "--json"))["dry_run"]


def test_what_is_older_goes_with_its_history(fleet: Fleet) -> None:
    assert "2 images removed, 1 left" in forget(fleet, "--older-than", "90d")
    assert {hit.image for hit in fleet.ask(LOG4J).hits} == {digest(3)}
    with opened(fleet.store, write=False) as database:
        assert History(database).names() == ["shop/app:3"]
        assert database.rows("SELECT count(*) FROM image_seen") == [(1,)]
        assert database.rows("SELECT count(*) FROM package WHERE name LIKE 'own%'") == [(1,)]


def test_what_is_loaded_again_is_not_old(fleet: Fleet) -> None:
    assert fleet.index().unchanged == 3
    assert "0 images removed, 3 left" in forget(fleet, "--older-than", "90d")


@pytest.mark.parametrize("new", [True, False], ids=["put again", "unchanged"])
def test_an_image_is_seen_at_once_also_if_the_run_does_not_end(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, new: bool
) -> None:
    """A run that was ended must not leave what it put for `forget --older-than`."""
    if new:
        fleet.write("1.json", sbom(1, [LOG4J], timestamp="2026-01-01T00:00:00Z"))

    def ended(items: Any, jobs: int) -> Iterator[ReadSource]:
        yield from read_all(items, jobs)
        raise KeyboardInterrupt

    monkeypatch.setattr("careen.pipeline.fleet.index.read_all", ended)
    with pytest.raises(KeyboardInterrupt):
        fleet.index(fleet.folder / "1.json")
    assert forget(fleet, "--older-than", "90d", "--dry-run").splitlines()[0] == digest(2)


def test_an_image_that_is_in_no_registry_is_seen_when_it_is_skipped(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.write("careen.toml", b"")
    image = b'[[image]]\nsource = "shop/app:1"\ntag = "shop/app:1h"\nconfig = "careen.toml"\n'
    watched = str(fleet.write("list.toml", image))
    with session(Settings(tmp_path / "work"), SilentProgress()) as run:
        index(fleet.store, [watched], SilentProgress(), gathering=Gathering(run))
    assert forget(fleet, "--older-than", "90d", "--dry-run").splitlines()[0] == digest(2)


def test_what_runs_stays_while_its_cluster_is_listed(fleet: Fleet) -> None:
    listed = fleet.write("prod.json", pods(("shop/app:1", digest(1))))
    fleet.index(listed)
    assert "1 image removed, 2 left" in forget(fleet, "--older-than", "90d")
    old = dt.datetime.now(dt.UTC).timestamp() - 200 * 86400
    with opened(fleet.store, write=True) as database, database.writing():
        database.rows("DELETE FROM running_list")
        database.rows("DELETE FROM running")
    os.utime(listed, (old, old))
    fleet.index(listed)
    said = forget(fleet, "--older-than", "90d")
    assert "1 image removed, 1 left" in said
    assert "1 list of running pods removed" in said


def test_the_history_of_a_name_that_is_still_loaded_stays(fleet: Fleet) -> None:
    """Else a finding would look as if it had been found only lately."""
    for number, day in ((1, "2026-01-01"), (3, "2026-02-01")):
        fleet.write(f"{number}-scan.json", scan(number, day, [("CVE-1", LOG4J, "high")]))
        fleet.index(fleet.folder / f"{number}-scan.json")
    forget(fleet, digest(1))
    with opened(fleet.store, write=False) as database:
        states = [each.at[:10] for each in History(database).states("shop/app:1")]
    assert states == ["2026-01-01", "2026-02-01"]
    forget(fleet, digest(3))
    with opened(fleet.store, write=False) as database:
        assert History(database).names() == ["shop/app:2"]
        assert database.rows("SELECT count(*) FROM known_finding") == [(0,)]


@pytest.mark.parametrize("age", ["", "-1d", "1y", "9999999d", "d", "९0d"])
def test_an_age_that_is_none_is_one_line(fleet: Fleet, age: str) -> None:
    with pytest.raises(InputError, match="--older-than") as failed:
        forget(fleet, "--older-than", age)
    assert "\n" not in str(failed.value)


def test_before_all_time(fleet: Fleet) -> None:
    with pytest.raises(InputError, match="before all time"):
        forget(fleet, "--older-than", "999999d")
