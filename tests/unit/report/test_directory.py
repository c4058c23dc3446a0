"""The report directory: whole files, and none outside it."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from careen.errors import InputError
from careen.report.directory import clear_report, held_report, write_report


def test_files_are_written_and_replaced_and_nothing_else_stays(tmp_path: Path) -> None:
    target = tmp_path / "careen-out" / "demo"
    write_report(target, {"summary.json": b"old\n", "plan.json": b"{}\n"})
    write_report(target, {"summary.json": b"new\n"})
    assert {path.name: path.read_bytes() for path in target.iterdir()} == {
        "summary.json": b"new\n",
        "plan.json": b"{}\n",
    }


def test_what_a_killed_run_had_written_in_part_is_cleared(tmp_path: Path) -> None:
    partial, own = f".careen-{'0a' * 8}", ".careen-notes"
    write_report(tmp_path, {"summary.json": b"{}", "mine.txt": b"", partial: b"{", own: b""})
    clear_report(tmp_path, ("summary.json",))
    assert {path.name for path in tmp_path.iterdir()} == {"mine.txt", own}


def test_ctrl_c_leaves_no_partial_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_report(tmp_path, {"summary.json": b"{}"})
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_the_place_of_a_file_is_replaced_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    target = tmp_path / "out"
    target.mkdir()
    (target / "summary.json").symlink_to(victim)
    os.link(victim, target / "plan.json")
    write_report(target, {"summary.json": b"{}", "plan.json": b"{}"})
    assert victim.read_text() == "precious"
    assert not (target / "summary.json").is_symlink()
    assert (target / "plan.json").read_bytes() == b"{}"


def test_a_link_in_the_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "out").symlink_to(elsewhere)
    with pytest.raises(
        InputError,
        match=(
            r"writing the report: '.*/out': is a symbolic link or not a directory; name another"
            r" place with --report-dir"
        ),
    ):
        write_report(tmp_path / "out", {"summary.json": b"{}"})
    assert list(elsewhere.iterdir()) == []


def test_a_file_in_the_place_of_the_directory_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    for place in (tmp_path / "out", tmp_path / "out" / "below"):
        with pytest.raises(
            InputError, match=r"writing the report: '.*out.*; name another place with --report-dir"
        ):
            write_report(place, {"summary.json": b"{}"})


def test_a_directory_in_the_place_of_a_file_is_named_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    (tmp_path / "summary.json").mkdir()
    with pytest.raises(InputError, match=r"writing the report: '.*/summary\.json': Is a directory"):
        write_report(tmp_path, {"summary.json": b"{}"})
    assert [path.name for path in tmp_path.iterdir()] == ["summary.json"]


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "/etc/x", "a/b", "a\0b"])
def test_only_plain_names_are_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="not a plain file name"):
        write_report(tmp_path / "out", {"good.json": b"{}", name: b""})
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(tmp_path, {"summary.json": b"old\n"})

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("careen.report.directory.os.replace", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_report(tmp_path, {"summary.json": b"new\n"})
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [
        ("summary.json", b"old\n")
    ]


def test_a_directory_is_of_one_run_at_a_time(tmp_path: Path) -> None:
    place = tmp_path / "a" / "report"
    with held_report(place):
        with pytest.raises(InputError, match="another run of careen writes there") as caught:
            held_report(place).__enter__()
        assert str(caught.value) == (
            f"report directory {str(place)!r}: another run of careen writes there; wait until it"
            " has ended, or name another place with --report-dir"
        )
        with held_report(tmp_path / "a" / "other"):
            pass
        write_report(place, {"summary.json": b"{}"})
    with held_report(place):
        assert [each.name for each in place.iterdir()] == ["summary.json"]


def test_a_directory_that_cannot_be_written_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system that is mounted read-only lets its directories be made, if they are there."""
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(InputError, match=f"'{tmp_path}': cannot be written to; name another place"):
        held_report(tmp_path).__enter__()


def test_a_file_system_without_locks_is_used_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    with held_report(tmp_path / "report"):
        assert (tmp_path / "report").is_dir()
