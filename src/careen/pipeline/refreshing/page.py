"""`careen base page`: the catalog and what passes have left, as one page."""

from collections.abc import Sequence
from pathlib import Path

from careen.catalog.entries import load_catalog
from careen.model.catalog.refresh import BaseState
from careen.pipeline.catalog.listing import list_bases
from careen.pipeline.refreshing.changelog import states_in
from careen.report.catalog.page import PageEntry, catalog_html


def catalog_page(state: Path, catalogs: Sequence[Path], made: str) -> bytes:
    """Return the page of a state directory. Raises ConfigError for a damaged file."""
    found: dict[str, list[BaseState]] = {}
    for each in states_in(state):
        if each.events:
            found.setdefault(each.entry, []).append(each)
    catalog = load_catalog(catalogs)
    entries = [
        PageEntry(row, catalog.find(row.name).replaces, tuple(found.get(row.name, ())))
        for row in list_bases(catalogs)
    ]
    entries.sort(key=lambda each: not each.states)
    return catalog_html(entries, made)
