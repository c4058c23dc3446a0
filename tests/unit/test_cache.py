"""A cache that costs time when it fails, never the answer."""

import os
from pathlib import Path

import pytest

from careen.tools.cache import Cache, cache_home, code_stamp, default_cache


def test_what_was_kept_is_given_under_its_key_alone(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "made", 1000)
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
    cache = Cache(tmp_path, 100)
    for number, name in enumerate(("old", "used", "new")):
        cache.put(bytes(30), name)
        os.utime(cache._path((name,)), (number, number))
    assert cache.get("used") is not None  # as good as new
    cache.put(bytes(40), "next")
    assert [cache.get(name) is not None for name in ("old", "used", "new", "next")] == [False, True, True, True]
    cache.put(bytes(101), "too large")
    assert cache.get("too large") is None
    assert cache.get("next") is not None


def test_what_a_killed_run_left_half_written_goes_too(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    left = tmp_path / ".half"
    left.write_bytes(bytes(90))
    os.utime(left, (1, 1))
    cache.put(bytes(50), "x")
    assert not left.exists()


def test_links_and_places_that_cannot_be_written_to_are_passed_over(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    secret = tmp_path / "secret"
    secret.write_bytes(b"s")
    cache._path(("k",)).symlink_to(secret)
    assert cache.get("k") is None
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
    assert len(code_stamp()) == 64
