"""An import that is killed, at any moment: the old database is whole, and nothing else is left."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from careen.advisories.database.replace import rebuilt
from careen.advisories.database.store import open_store
from careen.advisories.database.verify import verify_database
from careen.errors import ToolError
from tests.support.feed_layouts import KEV, all_feeds, feeds, imported, lines, osv

pytestmark = pytest.mark.slow

IMPORT = """
import sys
from pathlib import Path
from careen.advisories.database.importing import import_directory
import_directory(Path(sys.argv[1]), Path(sys.argv[2]), print)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A feed that takes some seconds."""
    records = (
        osv(f"A-{number}", name=f"pump{number % 5000}", modified="2026-08-20T00:00:00Z")
        for number in range(40_000)
    )
    return feeds(tmp_path_factory.mktemp("large"), x=lines(*records))


@pytest.mark.parametrize("after", [0.0, 0.3, 0.7, 1.2, 2.0])
def test_killed_import_leaves_the_old_database_and_nothing_else(
    tmp_path: Path, large: Path, after: float
) -> None:
    place = tmp_path / "place"
    db = place / "advisories.db"
    imported(all_feeds(tmp_path / "in"), db)
    before = db.read_bytes()
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", IMPORT, str(large), str(db)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "x\n"  # it has begun with the source
        time.sleep(after)
        process.kill()
        process.wait()
    assert names(place) == ["advisories.db"]
    if process.returncode == -signal.SIGKILL:
        assert db.read_bytes() == before
    assert not any(check.problems for check in verify_database(db))
    assert not imported(
        feeds(tmp_path / "next", x=KEV | {"dateReleased": "2026-08-30T00:00:00Z"}), db
    ).refused


def test_killed_in_the_moment_before_the_name_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = tmp_path / "place" / "db"
    imported(all_feeds(tmp_path / "in"), db)
    before = db.read_bytes()
    pid = os.fork()
    if pid == 0:
        monkeypatch.setattr("os.link", lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
        imported(feeds(tmp_path / "next", x=lines(osv("B", modified="2026-08-30T00:00:00Z"))), db)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    assert (db.read_bytes(), names(db.parent)) == (before, ["db"])


def test_killed_between_the_name_and_its_place_is_cleaned_up_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = tmp_path / "place" / "db"
    imported(all_feeds(tmp_path / "in"), db)
    before = db.read_bytes()
    newer = feeds(tmp_path / "next", x=lines(osv("B", modified="2026-08-30T00:00:00Z")))
    pid = os.fork()
    if pid == 0:
        monkeypatch.setattr(Path, "replace", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        imported(newer, db)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    assert db.read_bytes() == before
    assert len(names(db.parent)) == 2
    imported(newer, db)
    assert names(db.parent) == ["db"]


def test_a_file_system_without_nameless_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.open

    def refuse(path: str, flags: int, mode: int = 0o777, **more: int) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(95, "Operation not supported")
        return really(path, flags, mode, **more)

    monkeypatch.setattr("os.open", refuse)
    db = tmp_path / "place" / "db"
    assert not imported(all_feeds(tmp_path / "in"), db).refused
    assert names(db.parent) == ["db"]
    with open_store(db) as store:
        assert len(store.feeds()) == 7


def test_an_error_within_leaves_the_old_database(tmp_path: Path) -> None:
    db = tmp_path / "place" / "db"
    imported(all_feeds(tmp_path / "in"), db)
    before = db.read_bytes()
    with pytest.raises(ZeroDivisionError), rebuilt(db) as building:
        building.connection.execute("DELETE FROM kev").rowcount / 0
    assert (db.read_bytes(), names(db.parent)) == (before, ["db"])


def test_two_imports_at_once(tmp_path: Path) -> None:
    db = tmp_path / "place" / "db"
    with (
        rebuilt(db),
        pytest.raises(
            ToolError, match="another careen is changing the advisory database; wait for it to end"
        ),
    ):
        imported(all_feeds(tmp_path / "in"), db)


def test_readers_never_see_half_of_an_import(tmp_path: Path) -> None:
    db = tmp_path / "db"
    imported(feeds(tmp_path / "0", x=lines(*(osv(f"A-{number}") for number in range(300)))), db)
    seen: set[tuple[int, int]] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            with open_store(db) as store:
                seen.add((store.feeds()[0].records, store.counts()["osv:PyPI"]))

    thread = threading.Thread(target=read)
    thread.start()
    for count in (310, 320, 330):
        imported(
            feeds(
                tmp_path / str(count),
                x=lines(
                    *(
                        osv(f"A-{number}", modified=f"2026-08-02T00:{count // 10}:00Z")
                        for number in range(count)
                    )
                ),
            ),
            db,
        )
    done.set()
    thread.join()
    assert seen <= {(300, 300), (310, 310), (320, 320), (330, 330)}
    assert len(seen) > 1


@pytest.mark.root
def test_a_full_disk_is_one_line_and_the_old_database_stays(tmp_path: Path, large: Path) -> None:
    place = tmp_path / "small"
    place.mkdir()
    # a disk of the test's own
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], check=True)  # noqa: TID251
    try:
        db = place / "db"
        imported(feeds(tmp_path / "in", x=KEV), db)
        before = db.read_bytes()
        with pytest.raises(ToolError, match="cannot be written"):
            imported(large, db)
        assert (db.read_bytes(), names(place)) == (before, ["db"])
    finally:
        subprocess.run(["umount", str(place)], check=True)  # noqa: TID251 — likewise


def test_a_file_system_that_locks_no_directory_holds_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NFS locks only what is open for writing."""

    def flock(*_: object) -> None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    monkeypatch.setattr(fcntl, "flock", flock)
    db = tmp_path / "place" / "db"
    imported(all_feeds(tmp_path / "in"), db)
    assert db.is_file()
