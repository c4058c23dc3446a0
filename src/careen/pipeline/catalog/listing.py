"""`careen base list` and `show`: the entries, and what was measured of those built here."""

import datetime as dt
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.catalog import recipe as recipes
from careen.catalog.entries import Catalog, load_catalog
from careen.model.catalog.entry import BaseTest, Entry, Left, Variant
from careen.model.catalog.listing import EntryRow, EntryText, Figures
from careen.pipeline.catalog.measured import measured


@dataclass(frozen=True, slots=True)
class _Chain:
    catalog: Catalog
    entries: tuple[Entry, ...]

    def last(self, field: str) -> str:
        return next(
            (value for each in reversed(self.entries) if (value := getattr(each, field))), ""
        )


def list_bases(catalogs: Sequence[Path] = ()) -> tuple[EntryRow, ...]:
    """Return a row for each entry, in the order of the files. Raises ConfigError."""
    catalog = load_catalog(catalogs)
    return tuple(_row(catalog, entry) for entry in catalog)


def show_base(name: str, catalogs: Sequence[Path] = ()) -> EntryText:
    """Return all of one entry, with what it inherits. Raises InputError for an unknown name."""
    catalog = load_catalog(catalogs)
    entry = catalog.find(name)
    chain = catalog.chain(entry)
    return EntryText(
        row=_row(catalog, entry),
        inherits=tuple(each.name for each in chain[:-1] if not each.abstract),
        packages=_all(chain, "packages"),
        compat_packages=_all(chain, "compat_packages"),
        dev_packages=_all(chain, "dev_packages"),
        pip=_all(chain, "pip"),
        compat_pip=_all(chain, "compat_pip"),
        pip_index=", ".join(recipes.indexes(chain)),
        upstream=recipes.upstream(chain),
        major_upgrades=recipes.major_upgrades(chain),
        replaces=entry.replaces,
        environment={key: value for each in chain for key, value in each.environment.items()},
        users=tuple(f"{user.name} ({user.uid})" for user in recipes.users(chain)),
        omitted=tuple(_sentences(recipes.omitted(chain), _all(chain, "packages"))),
        dropped=tuple(_sentences(recipes.dropped(chain))),
        tests=tuple(_test(test) for each in chain for test in each.tests),
        support_source=next((x.support.source for x in reversed(chain) if x.support), ""),
    )


def _row(catalog: Catalog, entry: Entry) -> EntryRow:
    chain = _Chain(catalog, catalog.chain(entry))
    until: dt.date | None = next(
        (each.support.until for each in reversed(chain.entries) if each.support), None
    )
    offered = next((each.variants for each in reversed(chain.entries) if each.variants), ())
    return EntryRow(
        name=entry.name,
        title=entry.title,
        distribution=chain.last("distribution"),
        release=chain.last("release"),
        variants=tuple(each.value for each in offered),
        support_until=until.isoformat() if until else "",
        unproven=chain.last("unproven"),
        figures=tuple(_figures(entry.name, offered)),
    )


def _figures(name: str, offered: Sequence[Variant]) -> Iterator[Figures]:
    for variant in offered:
        found = measured(name, variant.value)
        if found is not None:
            yield found


def _all(chain: tuple[Entry, ...], field: str) -> tuple[str, ...]:
    """Return what all entries name, each word once."""
    return tuple(dict.fromkeys(name for each in chain for name in getattr(each, field)))


def _test(test: BaseTest) -> str:
    """Return a test's command as a shell reads it, and the variants that pass it."""
    return f"{', '.join(each.value for each in test.variants)}: {shlex.join(test.argv)}"


def _sentences(left: Sequence[Left], kept: Sequence[str] = ()) -> Iterator[str]:
    """Yield what is left out; what the entries name themselves stays."""
    for each in left:
        if names := [name for name in each.names if name not in kept]:
            yield f"{', '.join(names)}: {each.reason}"
