"""A cache that costs time when it fails, never the answer."""

import os
from pathlib import Path

import pytest

from careen.tools.cache import Cache, _name, cache_home, code_stamp, default_cache


def test_what_was_kept_is_given_under_its_key_alone(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "made", 100_000)
    assert cache.get("a", "b") is None
    cache.put(b"one", "a", "b")
    cache.put(b"two", "ab")
    assert cache.get("a", "b") == b"one"
    assert cache.get("ab") == b"two"
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o700
    cache.drop("ab")
    cache.drop("ab")
    assert cache.get("ab") is None


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 3 * 4096)
    for number, name in enumerate(("old", "used", "new")):
        cache.put(bytes(4000), name)
        os.utime(tmp_path / _name((name,)), (number, number))
    assert cache.get("used") is not None  # as good as new
    cache.put(bytes(4000), "next")
    assert [cache.get(name) is not None for name in ("old", "used", "new", "next")] == [
        False,
        True,
        True,
        True,
    ]
    cache.put(bytes(3 * 4096 + 1), "too large")
    assert cache.get("too large") is None
    assert cache.get("next") is not None


def test_what_a_killed_run_left_half_written_goes_too(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    left, foreign = tmp_path / f".careen-{'0' * 16}", tmp_path / "archive.tar"
    left.write_bytes(bytes(90))
    foreign.write_bytes(bytes(900))
    os.utime(left, (1, 1))
    cache.put(bytes(50), "x")
    assert not left.exists()
    assert foreign.exists()  # nobody else's file


def test_links_and_places_that_cannot_be_written_to_are_passed_over(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    secret = tmp_path / "secret"
    secret.write_bytes(b"s")
    (tmp_path / _name(("k",))).symlink_to(secret)
    assert cache.get("k") is None
    cache.put(b"x", "mine")
    tmp_path.chmod(0o777)
    assert cache.get("mine") is None  # somebody else may have put it there
    tmp_path.chmod(0o700)
    assert cache.get("mine") == b"x"
    (tmp_path / "file").write_text("")
    broken = Cache(tmp_path / "file" / "below", 100)
    broken.put(b"x", "k")
    assert broken.get("k") is None


def test_where_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/c")
    monkeypatch.delenv("CAREEN_CACHE", raising=False)
    assert (cache_home(), default_cache()) == (Path("/c/careen"), Path("/c/careen/images"))
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_home() == Path.home() / ".cache" / "careen"
    monkeypatch.setenv("CAREEN_CACHE", "/elsewhere")
    assert default_cache() == Path("/elsewhere")

    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.delenv("CAREEN_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    assert default_cache() is None
    assert len(code_stamp()) == 64
