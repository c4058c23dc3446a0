"""Packages of languages, and native libraries and runtimes: which OSV ecosystem speaks about them,
and under which name.
"""

from dataclasses import dataclass

from careen.model.package import Ecosystem, Package


@dataclass(frozen=True, slots=True)
class NoFeed:
    """Why no feed speaks about a package."""

    reason: str


_FAMILIES = {
    Ecosystem.PYPI: "PyPI",
    Ecosystem.NPM: "npm",
    Ecosystem.GOLANG: "Go",
    Ecosystem.MAVEN: "Maven",
    Ecosystem.CARGO: "crates.io",
}

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
"""Upstream software whose own version numbers Bitnami's records use, by the name that an inventory
gives it. A list, made by hand: nothing is guessed.
"""

OWN_NAMES = frozenset({"Bitnami"})
"""Families that speak about some software only: a name that no record has is not covered, rather
than clean.
"""

_CONDA = (
    "no feed speaks about conda packages; the Python packages in them are compared by their own"
    " records"
)
_GENERIC = "no feed speaks about this software by name and upstream version; names are not guessed"


def family_of_package(package: Package) -> str | NoFeed:
    """Return the OSV family that a package's advisories are in, or why there is none."""
    if package.ecosystem is Ecosystem.CONDA:
        return NoFeed(_CONDA)
    if package.ecosystem is Ecosystem.GENERIC:
        upstream = package.purl.startswith(
            "pkg:generic/"
        )  # what a wheel's SBOM calls an rpm or a deb has that distribution's versions
        return "Bitnami" if upstream and package.name.lower() in _BITNAMI else NoFeed(_GENERIC)
    return _FAMILIES[package.ecosystem]


def name_of(package: Package) -> str:
    """Return the name that the family's records use."""
    return (
        _BITNAMI[package.name.lower()] if package.ecosystem is Ecosystem.GENERIC else package.name
    )
