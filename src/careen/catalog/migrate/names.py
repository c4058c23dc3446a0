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
    name = image.partition("@")[0]
    for prefix in _LIBRARY:
        if name.startswith(prefix):
            name = name.removeprefix(prefix)
            break
    repository, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = name, "latest"
    wanted = {f"{repository}:{tag}"}
    if found := _PATCH.fullmatch(tag):
        wanted.add(f"{repository}:{found[1]}{found[2] or ''}")
    return next((each for each in catalog if wanted.intersection(each.replaces)), None)


def is_full(image: str) -> bool:
    """Return whether an upstream image has compilers: the language images that are not slim."""
    name = image.partition("@")[0].rpartition("/")[2]
    language = name.partition(":")[0] in ("python", "node")
    return language and "slim" not in name and "alpine" not in name
