"""What each shape of an allow-list can do: read a file, add entries, and remove some."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from careen.triage.ignore.rule import Rule


@dataclass(frozen=True, slots=True)
class IgnoreList:
    """The entries of a file, and what of it careen does not apply, a sentence each."""

    rules: tuple[Rule, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to write for one package: its name as careen and its purl.

    `aliases` are other identifiers of the vulnerability.
    """

    identifier: str
    aliases: tuple[str, ...]
    name: str
    purl: str
    reason: str
    review_by: dt.date


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape.

    `words` name it. `parse(data, name)` raises ConfigError with file and line. `add(data, entries,
    name)` and `remove(data, places, name)` return the whole new file, `data` being b"" for a new
    one, and raise ConfigError for a file that they cannot change.
    """

    words: str
    parse: Callable[[bytes, str], IgnoreList]
    add: Callable[[bytes, Sequence[NewEntry], str], bytes]
    remove: Callable[[bytes, Collection[int], str], bytes]
