"""Documents at a path of the user's choice: whole or not at all, and no device is replaced."""

import os
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from careen.errors import InputError
from careen.report.output_file import check_output_file, rewrite_output, write_output


def test_a_file_is_made_with_its_directories_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "out.json"
    write_output(path, b"one")
    write_output(path, b"two")
    assert path.read_bytes() == b"two"
    assert [each.name for each in path.parent.iterdir()] == ["out.json"]


def test_a_relative_name_is_a_file_of_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_output(Path("out.json"), b"x")
    assert (tmp_path / "out.json").read_bytes() == b"x"


@pytest.mark.parametrize("target", ["victim", "gone"])
def test_a_link_is_replaced_and_not_followed(target: str, tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"precious")
    (tmp_path / "out").symlink_to(tmp_path / target)
    write_output(tmp_path / "out", b"x")
    assert (tmp_path / "victim").read_bytes() == b"precious"
    assert not (tmp_path / "gone").exists()
    assert not (tmp_path / "out").is_symlink()
    assert (tmp_path / "out").read_bytes() == b"x"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write_output(pipe, b"through")
    reader.join(10)
    assert got == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_is_written_to() -> None:
    write_output(Path("/dev/null"), b"x")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_an_open_descriptor_is_written_to_where_it_leads_to_a_file(tmp_path: Path) -> None:
    """As /dev/stdout does after a redirection."""
    with (tmp_path / "redirected").open("wb") as out:
        inode = (tmp_path / "redirected").stat().st_ino
        write_output(Path(f"/dev/fd/{out.fileno()}"), b"x")
    assert (tmp_path / "redirected").read_bytes() == b"x"
    assert (tmp_path / "redirected").stat().st_ino == inode


def test_what_is_behind_an_open_descriptor_is_added_to(tmp_path: Path) -> None:
    """As a shell's `>>` asks of /dev/stdout."""
    summary = tmp_path / "summary.md"
    summary.write_bytes(b"earlier step\n")
    with summary.open("ab") as out:
        write_output(Path(f"/dev/fd/{out.fileno()}"), b"one\n")
        write_output(Path(f"/proc/self/fd/{out.fileno()}"), b"two\n")
    assert summary.read_bytes() == b"earlier step\none\ntwo\n"


@pytest.mark.parametrize("name", ["/dev/stdout", "-"])
def test_standard_output_keeps_what_was_printed_before(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(name)
    sys.stdout.write("before\n")
    check_output_file(path)
    write_output(path, b"document\n")
    sys.stdout.write("after\n")
    assert capfd.readouterr().out == "before\ndocument\nafter\n"
    assert not [*tmp_path.iterdir()]


def test_a_closed_descriptor_is_named() -> None:
    with pytest.raises(InputError, match=r"^writing '/dev/fd/987654': Bad file descriptor"):
        write_output(Path("/dev/fd/987654"), b"x")


def _directory(path: Path) -> None:
    path.mkdir()


def _below_a_file(path: Path) -> None:
    path.parent.rmdir()
    path.parent.touch()


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (_directory, "Is a directory"),
        (_below_a_file, "Not a directory"),
        (_loop, "Too many levels of symbolic links"),
    ],
)
def test_a_path_that_cannot_be_written_is_named(
    prepare: Callable[[Path], None], reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "folder" / "out"
    path.parent.mkdir()
    prepare(path)
    with pytest.raises(InputError) as caught:
        write_output(path, b"x")
    assert str(caught.value) == f"writing {str(path)!r}: {reason}; name another file"


def test_a_full_device_is_named() -> None:
    with pytest.raises(InputError, match=r"writing '/dev/full': No space left on device"):
        write_output(Path("/dev/full"), b"x" * 100_000)


@pytest.mark.parametrize("name", ["new.json", "a/b/new.json", "old.json", "/dev/null"])
def test_what_can_be_written_is_not_refused_before(name: str, tmp_path: Path) -> None:
    (tmp_path / "old.json").write_bytes(b"old")
    check_output_file(tmp_path / name)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["old.json"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "Is a directory"),
        ("old.json/new.json", "Not a directory"),
        ("closed/a/new.json", "Permission denied"),
        ("pipe", "Permission denied"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_work(
    name: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old.json").write_bytes(b"old")
    (tmp_path / "closed").mkdir()
    os.mkfifo(tmp_path / "pipe")
    closed = (tmp_path / "closed", tmp_path / "pipe")
    monkeypatch.setattr(os, "access", lambda path, _: path not in closed)
    with pytest.raises(InputError, match=f"^writing '{tmp_path / name}': {why}; name another file"):
        check_output_file(tmp_path / name)


def test_a_rewritten_file_keeps_its_links_and_its_mode(tmp_path: Path) -> None:
    there = tmp_path / "deep" / "file"
    there.parent.mkdir()
    there.write_bytes(b"old")
    there.chmod(0o766)
    link = tmp_path / "link"
    link.symlink_to("deep/file")
    rewrite_output(link, b"new")
    assert link.is_symlink()
    assert there.read_bytes() == b"new"
    assert there.stat().st_mode & 0o7777 == 0o766
    assert [path.name for path in there.parent.iterdir()] == ["file"]
    with pytest.raises(InputError, match="missing"):
        rewrite_output(tmp_path / "missing", b"new")
