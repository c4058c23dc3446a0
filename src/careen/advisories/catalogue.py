"""What an update fetches: the list in `data/feeds.toml`, or one of the user's own in the same
form.
"""

import itertools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from careen.errors import ConfigError, InputError
from careen.tools.cache import cache_home


@dataclass(frozen=True, slots=True)
class Download:
    """One file of a feed. `stem` is the name that it gets in the cache; `changes` the URL of the
    list of an OSV ecosystem's changed records, or ""; `latest`: the file names another one beside
    it.
    """

    feed: str
    url: str
    stem: str
    changes: str = ""
    latest: bool = False


def default_catalogue() -> str:
    """Return the list that comes with careen, as TOML."""
    return (files("careen.advisories") / "data" / "feeds.toml").read_text(encoding="utf-8")


def read_catalogue(text: str, where: str) -> tuple[Mapping[str, Any], ...]:
    """Return the feeds of a list. Raises ConfigError with the place of what is wrong."""
    try:
        feeds = tomllib.loads(text).get("feed")
    except tomllib.TOMLDecodeError as error:
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
    return tuple(feeds)


def downloads(
    feeds: Sequence[Mapping[str, Any]], *, only: Sequence[str] = (), mirror: str = ""
) -> tuple[Download, ...]:
    """Return the files to fetch: of `only` the named feeds, else of those that are fetched by
    default; from `mirror`, a URL, if one is given.

    `osv` names all feeds that begin with `osv:`. Raises InputError for a name that no feed has.
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
        url = pattern.format(**filled) if filled else pattern
        stem = "-".join((feed["name"], *map(str, values))).replace("/", "_").replace(" ", "_")
        changes = url.rpartition("/")[0] + "/" + feed["changes"] if feed.get("changes") else ""
        yield Download(feed["name"], url, stem, changes, bool(feed.get("latest")))


def cache_directory() -> Path:
    """Return where fetched feeds are kept between updates: `careen/feeds` in the user's cache
    directory (XDG base directories: `~/.cache`).
    """
    return cache_home() / "feeds"
