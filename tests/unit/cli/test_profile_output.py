"""Where `careen profile` writes: nothing to the working directory that nobody asked for."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from careen.cli.main import group
from careen.rbom.store import read_rbom, write_rbom
from tests.support.boms import BOM


@pytest.fixture
def blocked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, where nothing can be written as rbom.json."""
    (tmp_path / "rbom.json").mkdir()
    (tmp_path / "real.json").write_bytes(write_rbom(BOM))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def profile(*words: str) -> Result:
    return CliRunner().invoke(group, ["profile", *words])


def test_json_alone_goes_to_standard_output_alone(blocked: Path) -> None:
    ended = profile("--merge", "real.json", "--json")
    assert ended.exit_code == 0, ended.exception
    assert read_rbom(ended.stdout_bytes) == BOM
    assert sorted(path.name for path in blocked.iterdir()) == ["rbom.json", "real.json"]


def test_json_is_also_written_where_it_was_asked_for(blocked: Path) -> None:
    ended = profile("--merge", "real.json", "--json", "-o", "both.json")
    assert ended.exit_code == 0, ended.exception
    assert (blocked / "both.json").read_bytes() == write_rbom(BOM)


def test_the_default_is_tried_before_the_work(blocked: Path) -> None:
    ended = profile("--merge", "missing.json")
    assert "writing 'rbom.json': Is a directory" in str(ended.exception)
    (blocked / "rbom.json").rmdir()
    assert profile("--merge", "real.json").exit_code == 0
    assert (blocked / "rbom.json").read_bytes() == write_rbom(BOM)


def test_pods_do_not_need_the_default(blocked: Path) -> None:
    ended = profile("--pods", "not=a=selector", "--rbom-dir", "rboms")
    assert "not a label selector" in str(ended.exception)
