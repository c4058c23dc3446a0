"""The distribution of an SBOM, from the names that other tools use."""

from collections.abc import Mapping

from careen.model.packages.distribution import Distribution

_FAMILIES = {  # Trivy's name: os-release's ID
    "redhat": "rhel",
    "alma": "almalinux",
    "amazon": "amzn",
    "oracle": "ol",
    "cbl-mariner": "mariner",
    "opensuse.leap": "opensuse-leap",
    "opensuse.tumbleweed": "opensuse-tumbleweed",
    "suse linux enterprise server": "sles",
    "suse linux enterprise micro": "sle-micro",
}


def stated_distribution(
    family: str,
    version: str,
    *,
    codename: str = "",
    name: str = "",
    like: tuple[str, ...] = (),
    path: str = "",
) -> Distribution:
    """Return the distribution in os-release's terms."""
    # Trivy has other family names, and gives Debian's version with its point release.
    identifier = _FAMILIES.get(family.lower(), family.lower())
    version_id = (
        version.partition(".")[0]
        if identifier == "debian"
        else version.partition(" ")[0]
        if identifier == "amzn"
        else version
    )
    return Distribution(
        id=identifier, version_id=version_id, codename=codename, like=like, name=name, path=path
    )


def distribution_of(qualifiers: Mapping[tuple[str, str], int]) -> Distribution | None:
    """Return the distribution that most packages name in their purls, or None.

    The keys are `distro` (`debian-12`) and `distro_name` (`bookworm`); the values count packages.
    """
    if not qualifiers:
        return None
    distro, codename = min(qualifiers, key=lambda item: (-qualifiers[item], item))
    family, dash, version = distro.rpartition("-")
    if not dash or not version[:1].isdigit():
        family, version = distro, ""
    return stated_distribution(family, version, codename=codename)
