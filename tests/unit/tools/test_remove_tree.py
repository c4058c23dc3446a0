"""Remove trees that a hostile image or container could have made."""

import os
import threading
from pathlib import Path

import pytest

from careen.tools.remove_tree import remove_tree
from careen.tools.workspace import Leftover, reap, workspace

pytestmark = pytest.mark.slow


def deep(top: Path, levels: int) -> None:
    """Make a chain of directories that no path can name, with a file at the end."""
    fd = os.open(top, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=fd)
        below = os.open("d", os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
    os.close(os.open("end", os.O_WRONLY | os.O_CREAT, dir_fd=fd))
    os.close(fd)


def test_deeper_than_python_recurses_and_paths_reach(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    deep(tmp_path / "t", 5000)
    remove_tree(tmp_path / "t")
    assert list(tmp_path.iterdir()) == []


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("safe")
    (tmp_path / "t" / "a").mkdir(parents=True)
    (tmp_path / "t" / "link").symlink_to(kept)
    (tmp_path / "t" / "a" / "link").symlink_to(kept)
    os.mkfifo(tmp_path / "t" / "a" / "pipe")
    remove_tree(tmp_path / "t")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert (kept / "file").read_text() == "safe"


def test_a_tree_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "t").symlink_to(tmp_path / "real")
    with pytest.raises(OSError, match="t"):
        remove_tree(tmp_path / "t")
    assert (tmp_path / "real").is_dir()


def test_names_that_stand_in_the_way_and_shut_directories(tmp_path: Path) -> None:
    top = tmp_path / "t"
    for number in range(1, 6):
        (top / str(number) / str(number) / "x").mkdir(parents=True)
        (top / str(number) / str(number) / "x" / "f").write_text("x")
    (top / "7").write_text("a file")
    (top / "8" / "sub").mkdir(parents=True)
    (top / "8" / "sub" / "inner").mkdir()
    (top / "8" / "sub").chmod(0o000)
    (top / "8").chmod(0o500)
    (top / os.fsdecode(b"odd\xff\n")).write_text("x")
    remove_tree(top)
    assert not top.exists()


def test_what_is_not_there_is_gone(tmp_path: Path) -> None:
    remove_tree(tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []


def test_the_lock_goes_last(tmp_path: Path) -> None:
    """Whoever finds the lock free finds nothing else to remove: two runs never undo the same one at
    once.
    """
    root, undone = tmp_path / "work", threading.Event()
    seen: list[tuple[str, ...]] = []

    def slow(_: str) -> None:
        seen.append(reap(root, {"x": seen_twice}))
        undone.set()

    def seen_twice(_: str) -> None:
        pytest.fail("a second run undoes what the first is undoing")

    with workspace(root, {"x": slow}) as space:
        (space.path / "a" / "b").mkdir(parents=True)
        space.record(Leftover("x", "y"))
    assert undone.is_set()
    assert seen == [()]
    assert list(root.iterdir()) == []


def test_last_is_there_until_the_rest_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "t"
    (top / "z" / "y").mkdir(parents=True)
    (top / "lock").touch()
    order: list[str] = []
    unlink, rmdir = os.unlink, os.rmdir

    def note(name: bytes | str, **where: int) -> None:
        order.append(os.fsdecode(name))
        (unlink if order[-1] == "lock" else rmdir)(name, **where)

    monkeypatch.setattr(os, "unlink", note)
    monkeypatch.setattr(os, "rmdir", note)
    remove_tree(top, last="lock")
    assert order[:3] == ["z", "1", "lock"]
    assert not top.exists()


def test_runs_that_begin_and_end_at_once_leave_each_other_alone(tmp_path: Path) -> None:
    trouble: list[BaseException] = []

    def many() -> None:
        try:
            for number in range(15):
                with workspace(tmp_path / "work", {}) as space:
                    (space.path / "file").write_text(str(number))
                    assert (space.path / "file").read_text() == str(number)
        except BaseException as error:  # noqa: BLE001 — reported by the test below
            trouble.append(error)

    threads = [threading.Thread(target=many) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
    assert list((tmp_path / "work").iterdir()) == []
