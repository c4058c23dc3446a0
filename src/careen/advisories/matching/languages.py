"""OSV ecosystems and names of language packages, native libraries and runtimes."""

from dataclasses import dataclass

from careen.model.packages.package import Ecosystem, Package


@dataclass(frozen=True, slots=True)
class NoFeed:
    """Reason why no feed covers a package."""

    reason: str


FAMILIES = {
    Ecosystem.PYPI: "PyPI",
    Ecosystem.NPM: "npm",
    Ecosystem.GOLANG: "Go",
    Ecosystem.MAVEN: "Maven",
    Ecosystem.CARGO: "crates.io",
}
"""OSV families of language packages."""

_BITNAMI = {
    "cpython": "python",
    "python": "python",
    "node": "node",
    "nodejs": "node",
    "openssl": "openssl",
    "nginx": "nginx",
    "curl": "curl",
    "libcurl": "curl",
    "sqlite": "sqlite",
    "zlib": "zlib",
}
"""Bitnami's name of software, by the name in an inventory.

Bitnami's records use upstream version numbers. The list is made by hand.
"""

PARTIAL_FAMILIES = frozenset({"Bitnami"})
"""Families with some software only: a name without records is uncovered, not clean."""

_CONDA = (
    "no feed speaks about conda packages; the Python packages in them are compared by their own"
    " records"
)
_GENERIC = "no feed speaks about this software by name and upstream version; names are not guessed"


def family_of_package(package: Package) -> str | NoFeed:
    """Return the OSV family of a package's advisories, or NoFeed with the reason."""
    if package.ecosystem is Ecosystem.CONDA:
        return NoFeed(_CONDA)
    if package.ecosystem is Ecosystem.GENERIC:
        # A package that a wheel's SBOM calls an rpm or a deb has that distribution's versions.
        upstream = package.purl.startswith("pkg:generic/")
        return "Bitnami" if upstream and package.name.lower() in _BITNAMI else NoFeed(_GENERIC)
    return FAMILIES[package.ecosystem]


def name_of(package: Package) -> str:
    """Return the package's name in the family's records."""
    return (
        _BITNAMI[package.name.lower()] if package.ecosystem is Ecosystem.GENERIC else package.name
    )
