"""Owners of paths, and purls that distinguish two installations of one package."""

from dataclasses import replace

from packageurl import PackageURL

from careen.model.packages.package import Package, Presence
from careen.model.paths import ImagePath


def add_owner(owners: dict[ImagePath, tuple[str, ...]], package: Package) -> None:
    """Add a package to the owners of its files; an EMBEDDED package owns none."""
    if package.presence is Presence.EMBEDDED:
        return
    alone = (package.purl,)  # one tuple for all files with a single owner
    for path in package.files:
        others = owners.get(path)
        owners[path] = alone if others is None else others + alone


def with_location(package: Package) -> Package:
    """Return the package with its record's path in its purl, as the qualifier `location`."""
    base = PackageURL.from_string(package.purl)
    known = base.qualifiers if isinstance(base.qualifiers, dict) else {}
    return replace(
        package, purl=base._replace(qualifiers={**known, "location": package.record}).to_string()
    )
