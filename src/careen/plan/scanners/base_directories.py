"""Shared directories below which a source looks for a tree whose name it completes or composes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_WHOLE = re.compile(rb"[\"'`]((?:/[\w.-]{1,60}){1,4})/?[\"'`]")
_PIECE = re.compile(rb"[\"'/]([\w.@+-]{2,100})(?=[\"'/])")
_FROM_ROOT = re.compile(
    rb"(?:[\"']/[\"']\)?[ \t]{0,8}[,/+]|\bos\.sep[ \t]{0,8}\+)"
    rb"[ \t]{0,8}[\"']([\w.-]{2,100})(?=[\"'/])"
)
_LISTS = re.compile(rb"(?:listdir|scandir|iterdir|glob|walk|readdir(?:Sync)?)\(")
# `/opt/{name}/config.json`, `/opt/*/config.json`, `/opt/%s/config.json`
_VALUE = re.compile(
    rb"((?:/[\w.-]{1,60}){1,4})/(?:\$?\{[^{}\"'\n]{1,60}\}|\*|%s)((?:/[\w.-]{1,60}){0,4})"
)
_PLACE = re.compile(
    rb"(?<!\w)([A-Za-z]\w{2,60}?)_?(?:dir|directory|path|root|folder|home"
    rb"|DIR|DIRECTORY|PATH|ROOT|FOLDER|HOME)(?!\w)"
)
_OTHERS = frozenset(
    b"base build builds cache caches conda config cuda current dist doc docs example examples file"
    b" home install lib log logs nvidia out output package parent project python repo root script"
    b" scripts site source sources src target temp test tests tmp user venv wheel wheels work"
    b" workspace".split()
)
"""Directories that are of a build, or that say nothing."""


@dataclass(frozen=True, slots=True)
class BaseDirectories:
    """What a text says of directories.

    `whole` are the directories that are a whole text, `pieces` the names in its paths, `tops` those
    directly below `/`. `lists`: it lists directories. `values` are the directories that a value
    follows, with what comes behind it. `places` are what its variables for directories are of.
    """

    whole: frozenset[str] = field(default_factory=frozenset)
    pieces: frozenset[str] = field(default_factory=frozenset)
    tops: frozenset[str] = field(default_factory=frozenset)
    lists: bool = False
    values: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    places: frozenset[str] = field(default_factory=frozenset)


def base_directories(source: bytes) -> BaseDirectories:
    """Return what a source says of directories."""
    places = {word.lower().rstrip(b"_") for word in _PLACE.findall(source)}
    places |= {word.rpartition(b"_")[2] for word in places}
    return BaseDirectories(
        _decoded(_WHOLE.findall(source)),
        _decoded(_PIECE.findall(source)),
        _decoded(_FROM_ROOT.findall(source)),
        _LISTS.search(source) is not None,
        frozenset((above.decode(), below.decode()) for above, below in set(_VALUE.findall(source))),
        _decoded(places - _OTHERS),
    )


def _decoded(words: Iterable[bytes]) -> frozenset[str]:
    return frozenset(word.decode("utf-8", "replace") for word in words)
