"""The journal of what must not outlive a run."""

import os
import subprocess
from pathlib import Path

import pytest

from careen.errors import ConfigError, ToolError
from careen.tools import process
from careen.tools.stragglers import RUN
from careen.tools.workspace import Leftover, StillUsedError, reap, runs, workspace
from tests.support.careen_command import until


def dead_run(root: Path, journal: str, mode: int = 0o700) -> Path:
    path = root / "run-dead"
    path.mkdir(parents=True)
    (path / "journal").write_text(journal)
    path.chmod(mode)
    return path


def test_a_dead_run_is_undone_backwards_and_removed(tmp_path: Path) -> None:
    path = dead_run(
        tmp_path, '["+","x","one"]\n["+","x","two"]\n["+","x","three"]\n["-","x","two"]\n'
    )
    undone: list[str] = []
    assert reap(tmp_path, {"x": undone.append}) == ()
    assert undone == ["three", "one"]
    assert not path.exists()


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_journal_that_somebody_else_may_have_written_is_not_obeyed(
    tmp_path: Path, mode: int
) -> None:
    path = dead_run(tmp_path, '["+","x","/etc"]\n', mode)
    undone: list[str] = []
    assert reap(tmp_path, {"x": undone.append}) == ()
    assert undone == []
    assert path.is_dir()


@pytest.mark.root
def test_a_journal_of_another_user_is_not_obeyed(tmp_path: Path) -> None:
    path = dead_run(tmp_path, '["+","x","/etc"]\n')
    os.chown(path, 65534, 65534)
    assert runs(tmp_path) == ()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run-link").symlink_to("elsewhere")
    assert runs(tmp_path) == ()


def test_a_torn_line_spoils_no_other(tmp_path: Path) -> None:
    undone: list[str] = []
    with workspace(tmp_path, {"x": undone.append}) as space:
        with (space.path / "journal").open("a") as journal:
            journal.write('["+","x","torn')
        space.record(Leftover("x", "whole"))
    assert undone == ["whole"]


def test_trouble_at_the_end_does_not_hide_what_went_wrong_first(tmp_path: Path) -> None:
    def fail(_name: str) -> None:
        raise ToolError("the engine is away")

    def go_wrong() -> None:
        with workspace(tmp_path, {"x": fail}) as space:
            space.record(Leftover("x", "thing"))
            raise ConfigError("what went wrong")

    with pytest.raises(ConfigError, match="what went wrong") as caught:
        go_wrong()
    assert any(
        "could not clean up: x thing (the engine is away)" in note
        for note in caught.value.__notes__
    )
    with workspace(tmp_path, {"x": fail}) as space:
        assert ["the engine is away" in sentence for sentence in space.trouble] == [True]
    assert reap(tmp_path, {"x": lambda _name: None}) == ()
    assert runs(tmp_path) == ()


def test_what_another_run_uses_is_no_failure_and_the_next_run_removes_it(tmp_path: Path) -> None:
    def used(name: str) -> None:
        raise StillUsedError(f"{name} is used")

    with workspace(tmp_path, {"x": used}) as space:
        space.record(Leftover("x", "thing"))
        (space.directory("layers") / "blob").write_bytes(b"0" * 4096)
        (space.path / "loose").touch()
    assert space.still_used == ("thing is used",)
    assert sorted(path.name for path in space.path.iterdir()) == ["journal", "lock"]
    assert reap(tmp_path, {"x": used}) == ()
    assert runs(tmp_path) == (space.path,)
    undone: list[str] = []
    assert reap(tmp_path, {"x": undone.append}) == ()
    assert undone == ["thing"]
    assert runs(tmp_path) == ()


def test_what_a_dead_run_left_running_is_ended(tmp_path: Path) -> None:
    path = dead_run(tmp_path, "")
    left = subprocess.Popen(
        ["sleep", "600"], env={**os.environ, RUN: str(path)}, start_new_session=True
    )
    other = subprocess.Popen(["sleep", "600"], env={**os.environ, RUN: f"{path}-other"})
    try:
        until(lambda: RUN.encode() in Path(f"/proc/{left.pid}/environ").read_bytes())
        assert reap(tmp_path, {}) == ()
        assert left.wait(10) == -9
        assert other.poll() is None
    finally:
        for started in (left, other):
            started.kill()
            started.wait()


def test_everything_that_a_run_starts_can_be_found_by_its_directory(tmp_path: Path) -> None:
    before = os.environ.get(RUN)
    with workspace(tmp_path, {}) as space:
        assert process.run(["sh", "-c", f"echo ${RUN}"], timeout=10).text.strip() == str(space.path)
    assert os.environ.get(RUN) == before


def test_what_is_removed_aside_is_gone_before_the_run_is(tmp_path: Path) -> None:
    with workspace(tmp_path, {}) as space:
        large = space.directory("large")
        for number in range(500):
            (large / str(number)).write_text("x")
        space.remove_in_background(large)
        space.remove_in_background(tmp_path / "not-there")
    assert runs(tmp_path) == ()
    assert not large.exists()


def test_a_signal_while_a_run_is_opened_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(path: Path) -> None:
        assert path.is_dir()
        raise KeyboardInterrupt

    monkeypatch.setattr("careen.tools.workspace._try_lock", interrupted)
    with pytest.raises(KeyboardInterrupt), workspace(tmp_path / "root", {}):
        pass
    assert list((tmp_path / "root").iterdir()) == []
