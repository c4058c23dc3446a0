"""All entries: careen's own and those of files that the user named."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from careen.catalog.read_entries import read_entries
from careen.errors import ConfigError, InputError
from careen.model.catalog.entry import Entry

_TYPO = 0.8  # how alike a name and the one that is meant are, of 1
MAX_CHAIN = 8  # entries that inherit from each other; a real chain has three


class Catalog:
    """The entries by their names; aliases lead to them."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = entries
        self._aliases = {alias: each for each in entries.values() for alias in each.aliases}

    def __iter__(self) -> Iterator[Entry]:
        return (each for each in self._entries.values() if not each.abstract)

    def find(self, name: str) -> Entry:
        """Return the entry of a name or an alias. Raises InputError with the nearest name."""
        found = self._entries.get(name) or self._aliases.get(name)
        if found is None or found.abstract:
            if standing := next((each.name for each in self if name in each.replaces), ""):
                msg = (
                    f"no base {name[:80]!r} in the catalog: it is an image that {standing} stands"
                    " in for; name that entry"
                )
                raise InputError(msg)
            names = [each.name for each in self]
            kind = [each for each in names if each.partition(":")[0] == name.partition(":")[0]]
            known = [*names, *self._aliases]
            near = (
                difflib.get_close_matches(name, known, 1, _TYPO)
                or kind
                or difflib.get_close_matches(name, known, 1)
            )
            hint = f"did you mean {' or '.join(near)}?" if near else "`careen base list` lists them"
            msg = f"no base {name[:80]!r} in the catalog; {hint}"
            raise InputError(msg)
        return found

    def chain(self, entry: Entry) -> tuple[Entry, ...]:
        """Return what an entry inherits from, the first one first, and itself."""
        out = [entry]
        while out[0].inherits:
            out.insert(0, self._entries[out[0].inherits])
        return tuple(out)


def load_catalog(more: Sequence[Path] = ()) -> Catalog:
    """Return careen's entries and those of more files. Raises ConfigError for an unusable file."""
    own = files("careen.catalog") / "data"
    paths = sorted(Path(str(each)) for each in own.iterdir() if each.name.endswith(".toml"))
    entries: dict[str, Entry] = {}
    taken: dict[str, str] = {}
    for path in (*paths, *more):
        for entry in read_entries(path):
            for name in (entry.name, *entry.aliases):
                if name in taken:
                    msg = f"{path}: {name} is a name of {taken[name]} already; give another one"
                    raise ConfigError(msg)
                taken[name] = entry.name
            entries[entry.name] = entry
    for entry in entries.values():
        _check_chain(entry, entries)
    return Catalog(entries)


def _check_chain(entry: Entry, entries: Mapping[str, Entry]) -> None:
    each, length = entry, 1
    while each.inherits:
        if each.inherits not in entries or length == MAX_CHAIN:
            what = "is in no file" if each.inherits not in entries else "inherits in a circle"
            msg = f"entry {entry.name}: {each.inherits!r}, from which it inherits, {what}"
            raise ConfigError(msg)
        each, length = entries[each.inherits], length + 1
