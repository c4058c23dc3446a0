"""The list of feeds to fetch: careen's own, and one that a user writes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from careen.advisories.catalogue import (
    Download,
    cache_directory,
    default_catalogue,
    downloads,
    read_catalogue,
)
from careen.errors import ConfigError, InputError

TEXT = """
[[feed]]
name = "kev"
url = "https://feeds.example/kev.json"
path = "kev/kev.json"
default = true

[[feed]]
name = "osv:Debian"
url = "https://osv.example/{ecosystem}/{release}/all.zip"
path = "osv/{ecosystem}/{release}.zip"
changes = "modified.csv"
each = { ecosystem = ["Debian"], release = [12, "13 x"] }

[[feed]]
name = "redhat"
url = "https://redhat.example/archive_latest.txt"
path = "redhat/latest"
latest = true
"""
FEEDS = read_catalogue(TEXT, "feeds.toml")


def test_only_default_feeds_are_fetched_unless_others_are_named() -> None:
    assert [each.feed for each in downloads(FEEDS)] == ["kev"]
    assert [each.feed for each in downloads(FEEDS, only=["osv", "redhat"])] == [
        "osv:Debian",
        "osv:Debian",
        "redhat",
    ]


def test_each_word_makes_a_file_of_its_own() -> None:
    assert downloads(FEEDS, only=["osv:Debian"]) == (
        Download(
            "osv:Debian",
            "https://osv.example/Debian/12/all.zip",
            "osv:Debian-Debian-12",
            "https://osv.example/Debian/12/modified.csv",
        ),
        Download(
            "osv:Debian",
            "https://osv.example/Debian/13 x/all.zip",
            "osv:Debian-Debian-13_x",
            "https://osv.example/Debian/13 x/modified.csv",
        ),
    )


def test_a_mirror_has_each_feed_at_its_path() -> None:
    (kev,) = downloads(FEEDS, mirror="https://m.example/base/")
    assert kev.url == "https://m.example/base/kev/kev.json"
    (redhat,) = downloads(FEEDS, only=["redhat"], mirror="https://m.example")
    assert (redhat.url, redhat.latest) == ("https://m.example/redhat/latest", True)


@pytest.mark.parametrize("only", ["ke", "osv:", "osv:Deb", ""])
def test_an_unknown_feed_comes_with_the_known_ones(only: str) -> None:
    with pytest.raises(InputError) as caught:
        downloads(FEEDS, only=[only])
    assert str(caught.value) == (
        f"--only {only!r}: no such feed; there are kev, osv:Debian, redhat"
    )


def test_the_built_in_list_is_valid_and_all_its_addresses_are_https() -> None:
    feeds = read_catalogue(default_catalogue(), "built in")
    every = downloads(feeds, only=[feed["name"] for feed in feeds])
    assert len({each.stem for each in every}) == len(every)
    assert all(each.url.startswith("https://") for each in every)
    assert not any("{" in each.url or "{" in each.changes for each in every)


WRONG: dict[str, tuple[str, str]] = {
    "no TOML": ("[[feed]\n", "not TOML"),
    "nested too deep": ("a = " + "[" * 100_000, "not TOML"),
    "number that is too long": ("a = " + "9" * 5000, "not TOML"),
    "no feeds": ("", "expected at least one [[feed]]"),
    "feeds that are a table": ("[feed]\nname = 'x'", "expected at least one [[feed]]"),
    "feed that is none": ("feed = [3]", "feed[0].name: expected a string, got 3"),
    "no name": ("[[feed]]\nurl = 'x'\npath = 'x'", "feed[0].name: expected a string, got None"),
    "empty address": (
        "[[feed]]\nname = 'x'\nurl = ''\npath = 'x'",
        "feed[0].url: expected a string, got ",
    ),
    "path of another type": (
        "[[feed]]\nname = 'x'\nurl = 'x'\npath = 3",
        "feed[0].path: expected a string, got 3",
    ),
    "each of another type": (
        "[[feed]]\nname = 'x'\nurl = 'x'\npath = 'x'\neach = 'x'",
        "feed[0].each: expected lists of words",
    ),
    "each without lists": (
        "[[feed]]\nname = 'x'\nurl = 'x'\npath = 'x'\neach = { a = 'b' }",
        "feed[0].each: expected lists of words",
    ),
    "changes of another type": (
        "[[feed]]\nname = 'x'\nurl = 'x'\npath = 'x'\nchanges = 3",
        "feed[0].changes: expected a string, got 3",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_list_that_is_none_is_refused_at_its_place(name: str) -> None:
    text, expected = WRONG[name]
    with pytest.raises(ConfigError) as caught:
        read_catalogue(text, "feeds.toml")
    assert str(caught.value).startswith("feeds.toml: ")
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "mirror"),
    [
        ({}, "https://[x"),
        ({}, "https://me:secret@[::1"),
        ({}, "http://x:port/"),
        ({}, "http://x:99999/"),
        ({"url": "https://[x"}, ""),
        ({"url": "https://x/{unknown}", "each": {"a": ["b"]}}, ""),
        ({"url": "https://x/{0}", "each": {"a": ["b"]}}, ""),
        ({"url": "https://x/{", "each": {"a": ["b"]}}, ""),
        ({"url": "https://x/{a.b}", "each": {"a": ["b"]}}, ""),
        ({"path": "{a[0][1]}", "each": {"a": ["b"]}}, "https://x"),
    ],
)
def test_an_address_that_cannot_be_read_is_one_line_without_passwords(
    changes: Mapping[str, Any], mirror: str
) -> None:
    feed = {"name": "kev", "url": "https://x/kev", "path": "kev", "default": True, **changes}
    with pytest.raises(InputError) as caught:
        downloads([feed], mirror=mirror)
    message = str(caught.value)
    assert message.startswith("the address of the feed 'kev' cannot be read (")
    assert "--mirror" in message
    assert "secret" not in message
    assert "\n" not in message


def test_fetched_feeds_lie_in_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_directory() == tmp_path / "careen" / "feeds"
