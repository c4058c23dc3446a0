"""What `careen doctor` says of the advisory database."""

import datetime as dt
import os
from pathlib import Path

import pytest

from careen.pipeline.db import import_into
from careen.pipeline.doctor import advisories_row
from careen.report.terminal_output.progress import SilentProgress
from careen.report.views.doctor import Health
from tests.support.feeds import write_feeds


@pytest.fixture
def database(tmp_path: Path) -> Path:
    write_feeds(tmp_path / "feeds")
    import_into(tmp_path / "feeds", tmp_path / "a.db", SilentProgress(), smaller=False)
    return tmp_path / "a.db"


def day(year: int, month: int, number: int) -> dt.datetime:
    return dt.datetime(year, month, number, tzinfo=dt.UTC)


def test_without_a_database_it_says_how_to_get_one(tmp_path: Path) -> None:
    row = advisories_row(tmp_path / "none.db", day(2024, 6, 2))
    assert row.health is Health.LIMITED
    assert row.detail == f"none: there is no {tmp_path}/none.db, so nothing can be scanned"
    assert "careen db update" in row.remedy
    assert "careen db import DIR" in row.remedy


def test_old_feeds_are_told_with_the_age_of_the_oldest(database: Path) -> None:
    row = advisories_row(database, day(2034, 6, 2))
    assert row.health is Health.LIMITED
    assert row.detail.startswith(f"{database}: ")
    assert row.detail.endswith(" days old: OLD")
    assert "careen db update" in row.remedy


def test_fresh_feeds_need_nothing(database: Path) -> None:
    row = advisories_row(database, day(2023, 1, 1))  # before every feed's date: as new as can be
    assert (row.health, row.remedy) == (Health.GOOD, "")
    assert row.detail.endswith(", 0 days old")


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"no database\n" * 1000)
    row = advisories_row(tmp_path / "a.db", day(2024, 6, 2))
    assert row.health is Health.LIMITED
    assert "remove it" in row.remedy


def test_one_that_this_user_may_not_read_is_not_called_damaged(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    row = advisories_row(database, day(2024, 6, 2))
    assert (row.health, row.detail) == (Health.LIMITED, f"{database}: Permission denied")
    assert "CAREEN_DB" in row.remedy
