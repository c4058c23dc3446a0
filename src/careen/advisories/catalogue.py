"""Catalogue of the feeds to fetch: `data/feeds.toml`, or a user's file in the same form."""

import itertools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from careen.errors import ConfigError, InputError
from careen.tools.cache import cache_home


@dataclass(frozen=True, slots=True)
class Download:
    """One file of a feed.

    `stem` is its name in the cache. `changes` is the URL of an OSV ecosystem's list of changed
    records, or "". `latest`: the file holds the name of the file to fetch, in the same folder.
    """

    feed: str
    url: str
    stem: str
    changes: str = ""
    latest: bool = False


def default_catalogue() -> str:
    """Return the built-in catalogue as TOML."""
    return (files("careen.advisories") / "data" / "feeds.toml").read_text(encoding="utf-8")


def read_catalogue(text: str, where: str) -> tuple[Mapping[str, Any], ...]:
    """Return the feeds of a catalogue. Raises ConfigError that names the faulty place."""
    try:
        feeds = tomllib.loads(text).get("feed")
    except (ValueError, RecursionError) as error:  # ValueError also for a number of 5,000 digits
        msg = f"{where}: not TOML: {error}"
        raise ConfigError(msg) from error
    if not isinstance(feeds, list) or not feeds:
        msg = f"{where}: expected at least one [[feed]]"
        raise ConfigError(msg)
    for number, feed in enumerate(feeds):
        for key in ("name", "url", "path"):
            if not isinstance(feed, dict) or not isinstance(feed.get(key), str) or not feed[key]:
                msg = (
                    f"{where}: feed[{number}].{key}: expected a string, got"
                    f" {feed.get(key) if isinstance(feed, dict) else feed!r}"
                )
                raise ConfigError(msg)
        if not isinstance(feed.get("each", {}), dict) or not all(
            isinstance(values, list) for values in feed.get("each", {}).values()
        ):
            msg = f"{where}: feed[{number}].each: expected lists of words"
            raise ConfigError(msg)
        if not isinstance(feed.get("changes", ""), str):
            msg = f"{where}: feed[{number}].changes: expected a string, got {feed['changes']!r}"
            raise ConfigError(msg)
    return tuple(feeds)


def downloads(
    feeds: Sequence[Mapping[str, Any]], *, only: Sequence[str] = (), mirror: str = ""
) -> tuple[Download, ...]:
    """Return the files to fetch: of the feeds in `only`, or else of the default feeds.

    `osv` in `only` selects all feeds that begin with `osv:`. `mirror` is the base URL to fetch
    from. Raises InputError for an unknown feed, and for an address that cannot be read.
    """
    names = [feed["name"] for feed in feeds]
    for wanted in only:
        if not any(_named(name, wanted) for name in names):
            msg = f"--only {wanted!r}: no such feed; there are {', '.join(names)}"
            raise InputError(msg)
    chosen = [
        feed
        for feed in feeds
        if any(_named(feed["name"], wanted) for wanted in only)
        or (not only and feed.get("default"))
    ]
    return tuple(one for feed in chosen for one in _files(feed, mirror))


def _named(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith(f"{wanted}:")


def _files(feed: Mapping[str, Any], mirror: str) -> Iterator[Download]:
    pattern = f"{mirror.rstrip('/')}/{feed['path']}" if mirror else feed["url"]
    each = feed.get("each", {})
    for values in itertools.product(*each.values()):
        filled = dict(zip(each, values, strict=True))
        url = _address(feed["name"], pattern, filled)
        stem = "-".join((feed["name"], *map(str, values))).replace("/", "_").replace(" ", "_")
        changes = url.rpartition("/")[0] + "/" + feed["changes"] if feed.get("changes") else ""
        yield Download(feed["name"], url, stem, changes, bool(feed.get("latest")))


def _address(feed: str, pattern: str, filled: Mapping[str, Any]) -> str:
    """Return the URL with the words of `each` filled in, or raise InputError."""
    try:
        url = pattern.format(**filled) if filled else pattern
        _ = urlsplit(url).port
    except (ValueError, LookupError, AttributeError) as error:
        # Not the URL itself, which may hold a password.
        msg = (
            f"the address of the feed {feed!r} cannot be read ({error}); check --mirror, or `url`,"
            " `path` and `each` of your list of feeds"
        )
        raise InputError(msg) from error
    return url


def cache_directory() -> Path:
    """Return the folder of fetched feeds: `careen/feeds` in the XDG cache directory."""
    return cache_home() / "feeds"
