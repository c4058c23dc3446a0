"""Logs of a run, which may hold secrets: only their owner can read them."""

from pathlib import Path

import pytest

from careen.errors import ToolError
from careen.tools.log_directory import write_logs


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_logs_and_their_folder_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "report" / "logs" / "serve"
    write_logs(folder, {"container.log": "token=1\n", "test.log": "\udcff"})
    assert mode(folder) == mode(folder.parent) == 0o700
    assert (folder / "container.log").read_text() == "token=1\n"
    assert (folder / "test.log").read_text() == "?"


def test_a_folder_of_an_earlier_run_becomes_private(tmp_path: Path) -> None:
    folder = tmp_path / "logs" / "serve"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    write_logs(folder, {"a.log": "new"})
    write_logs(folder, {"a.log": "newer"})
    assert mode(folder) == 0o700
    assert (folder / "a.log").read_text() == "newer"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "logs").touch()
    with pytest.raises(ToolError, match=r"writing the logs to '.*/logs/serve': (File|Not a)"):
        write_logs(tmp_path / "logs" / "serve", {"a.log": ""})
