"""Whether an image is of the distribution and release that an entry states."""

from careen.catalog.recipe import Recipe
from careen.model.packages.distribution import Distribution


def other_release(wanted: Recipe, found: Distribution | None) -> str:
    """Return what os-release says, "" if it is what the entry states.

    A release is a version ("3.23", also of 3.23.4) or a codename; an entry may state none.
    """
    if found is None:
        return "of no distribution, by its os-release"
    release = wanted.release
    same = release in ("", found.version_id, found.codename) or (
        release[:1].isdigit() and found.version_id.startswith(f"{release}.")
    )
    if found.id == wanted.distribution and same:
        return ""
    return " ".join(filter(None, ("of", found.id, found.version_id, found.codename)))
