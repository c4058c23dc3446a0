"""Which package a path belongs to, and how two installations of one package are told apart."""

from dataclasses import replace

from packageurl import PackageURL

from careen.model.package import Package, Presence
from careen.model.paths import ImagePath


def enter_owner(owners: dict[ImagePath, tuple[str, ...]], package: Package) -> None:
    """Add a package to the owners of each of its files; one that is inside files of others owns
    none.
    """
    if package.presence is Presence.EMBEDDED:
        return
    alone = (package.purl,)  # one tuple for all files that have no other owner
    for path in package.files:
        others = owners.get(path)
        owners[path] = alone if others is None else others + alone


def at_its_place(package: Package) -> Package:
    """Return the package with the path of its record in its purl, as the qualifier `location`."""
    base = PackageURL.from_string(package.purl)
    known = base.qualifiers if isinstance(base.qualifiers, dict) else {}
    return replace(
        package, purl=base._replace(qualifiers={**known, "location": package.record}).to_string()
    )
