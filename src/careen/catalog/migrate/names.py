"""Which entry stands in for an upstream image."""

import re

from careen.catalog.entries import Catalog
from careen.model.catalog.entry import Entry

_PATCH = re.compile(r"(\d{1,4}\.\d{1,4})\.\d{1,4}(-[a-z0-9.-]{1,60})?")
_LIBRARY = ("docker.io/library/", "index.docker.io/library/", "docker.io/", "library/")


def entry_for(catalog: Catalog, image: str) -> Entry | None:
    """Return the entry that replaces an image by its name and tag, or None.

    A digest does not count, and neither does the third number of a version: entries follow it.
    """
    wanted = _names(image)
    return next((each for each in catalog if wanted.intersection(each.replaces)), None)


def of_its_kind(catalog: Catalog, image: str) -> tuple[str, ...]:
    """Return the names of the entries that replace other tags of an image."""
    kinds = {name.rpartition(":")[0] for name in _names(image)}
    return tuple(
        each.name for each in catalog if any(x.rpartition(":")[0] in kinds for x in each.replaces)
    )


def is_full(entry: Entry, image: str) -> bool:
    """Return whether an upstream image that the entry replaces has compilers."""
    return not _names(image).isdisjoint(entry.full)


def _names(image: str) -> set[str]:
    name = image.partition("@")[0]
    for prefix in _LIBRARY:
        if name.startswith(prefix):
            name = name.removeprefix(prefix)
            break
    repository, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = name, "latest"
    names = {f"{repository}:{tag}"}
    if found := _PATCH.fullmatch(tag):
        names.add(f"{repository}:{found[1]}{found[2] or ''}")
    return names
