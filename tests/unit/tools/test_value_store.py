"""The store of small values: read back, bounded, and never trusted when damaged."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from careen.tools import value_store as module
from careen.tools.value_store import NAME, value_store


def kept(directory: Path, *words: str) -> bytes | None:
    with value_store(directory) as store:
        return store.get(*words)


def keep(directory: Path, value: bytes, *words: str) -> None:
    with value_store(directory) as store:
        store.put(value, *words)


def test_a_value_is_there_in_the_same_and_in_the_next_run(tmp_path: Path) -> None:
    with value_store(tmp_path) as store:
        assert store.get("a", "b") is None
        store.put(b"one", "a", "b")
        assert store.get("a", "b") == b"one"
        assert (store.asked, store.found) == (2, 0)
    with value_store(tmp_path) as store:
        assert store.get("a", "b") == b"one"
        assert (store.asked, store.found) == (1, 1)
    assert kept(tmp_path, "a\0b", "") is None


def test_without_a_directory_nothing_is_kept() -> None:
    with value_store(None) as store:
        store.put(b"one", "a")
        assert store.get("a") is None


def test_a_directory_of_others_is_not_used(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    keep(tmp_path, b"one", "a")
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_failed_writes_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with value_store(tmp_path) as store:
            store.put(b"one", "a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert kept(tmp_path, "a") is None


def test_a_flipped_bit_is_found(tmp_path: Path) -> None:
    keep(tmp_path, b"one", "a")
    keep(tmp_path, b"two", "b")
    with closing(sqlite3.connect(tmp_path / NAME)) as database, database:
        row = database.execute("SELECT key, value FROM value ORDER BY value LIMIT 1").fetchone()
        flipped = bytes([row[1][0] ^ 1]) + row[1][1:]
        database.execute("UPDATE value SET value = ? WHERE key = ?", (flipped, row[0]))
    database.close()
    assert sorted(str(kept(tmp_path, word)) for word in "ab") in (
        ["None", "b'one'"],
        ["None", "b'two'"],
    )


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\0" + bytes(4000)])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    keep(tmp_path, b"one", "a")
    (tmp_path / NAME).write_bytes(damage)
    assert kept(tmp_path, "a") is None
    keep(tmp_path, b"two", "a")
    assert kept(tmp_path, "a") == b"two"


def test_a_damaged_page_is_made_anew(tmp_path: Path) -> None:
    with value_store(tmp_path) as store:
        for number in range(500):
            store.put(bytes(1000), str(number))
    data = bytearray((tmp_path / NAME).read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    (tmp_path / NAME).write_bytes(data)
    assert kept(tmp_path, "7") is None
    keep(tmp_path, b"two", "7")
    assert kept(tmp_path, "7") == b"two"


def test_another_table_of_that_name_is_no_store(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / NAME)) as database, database:
        database.execute("CREATE TABLE value (key TEXT, used TEXT, value TEXT)")
        database.execute("INSERT INTO value VALUES ('a', 'b', 'c')")
    database.close()
    assert kept(tmp_path, "a") is None
    keep(tmp_path, b"one", "a")


def test_a_writer_beside_it_only_costs_the_new_values(tmp_path: Path) -> None:
    keep(tmp_path, b"one", "a")
    other = sqlite3.connect(tmp_path / NAME)
    other.execute("BEGIN EXCLUSIVE")
    keep(tmp_path, b"two", "b")
    assert kept(tmp_path, "a") is None
    other.rollback()
    other.close()
    assert kept(tmp_path, "a") == b"one"
    assert kept(tmp_path, "b") is None


def test_what_was_not_used_for_longest_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIMIT", 200_000)
    for run in range(6):
        with value_store(tmp_path) as store:
            monkeypatch.setattr("time.time", lambda run=run: float(run * 200_000))
            assert run < 2 or store.get("always") == b"kept"
            store.put(b"kept", "always")
            for number in range(40):
                store.put(bytes(1000), f"{run}.{number}")
    assert kept(tmp_path, "always") == b"kept"
    assert kept(tmp_path, "0.1") is None
    assert kept(tmp_path, "5.1") == bytes(1000)
    assert (tmp_path / NAME).stat().st_size < 400_000


def test_too_large_a_value_is_not_kept(tmp_path: Path) -> None:
    keep(tmp_path, bytes((1 << 20) + 1), "a")
    assert kept(tmp_path, "a") is None


def test_what_is_forgotten_is_not_written(tmp_path: Path) -> None:
    keep(tmp_path, b"old", "a")
    with value_store(tmp_path) as store:
        store.put(b"new", "a")
        store.put(b"two", "b")
        store.forget()
    assert (kept(tmp_path, "a"), kept(tmp_path, "b")) == (b"old", None)


def test_another_table_is_replaced(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / NAME)) as database, database:
        database.execute("CREATE TABLE value (name TEXT)")
    keep(tmp_path, b"one", "a")
    keep(tmp_path, b"one", "a")
    assert kept(tmp_path, "a") == b"one"


def test_a_file_that_others_may_write_is_not_trusted(tmp_path: Path) -> None:
    keep(tmp_path, b"one", "a")
    (tmp_path / NAME).chmod(0o666)
    assert kept(tmp_path, "a") is None
    assert not (tmp_path / NAME).stat().st_mode & 0o022
