"""What `careen doctor` says of what is remembered of images."""

import os
from pathlib import Path

import pytest

from careen.pipeline.doctor import cache_row
from careen.report.views.doctor import Health


def test_a_directory_of_ones_own_is_good_and_so_is_one_that_is_not_there_yet(
    tmp_path: Path,
) -> None:
    for path in (tmp_path, tmp_path / "later"):
        row = cache_row(path)
        assert (row.health, row.detail, row.remedy) == (Health.GOOD, str(path), "")


@pytest.mark.parametrize(
    ("mode", "why"), [(0o777, "others can write to it"), (0o770, "others can write to it")]
)
def test_one_that_others_can_write_to_is_not_used(tmp_path: Path, mode: int, why: str) -> None:
    os.chmod(tmp_path, mode)  # noqa: PTH101 — whatever the umask
    row = cache_row(tmp_path)
    assert row.health is Health.LIMITED
    assert row.detail == f"{tmp_path}: {why}, so nothing is stored there"
    assert "CAREEN_CACHE" in row.remedy


def test_a_file_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "Not a directory" in cache_row(tmp_path / "file").detail


def test_one_that_cannot_be_made_or_written_to_is_not_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda place, _: place != tmp_path)  # root may write anywhere
    for path in (tmp_path, tmp_path / "later" / "below"):
        assert cache_row(path).detail == f"{path}: cannot be written to, so nothing is stored there"


def test_without_a_home_there_is_none() -> None:
    assert cache_row(None).detail == "this user has no home directory"
