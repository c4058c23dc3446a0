"""Version schemes: the order of each ecosystem's versions, one file per scheme.

`tests/tool` compares each with the ecosystem's own tool.
"""

from careen.errors import InputError
from careen.formats.versions.apk import APK
from careen.formats.versions.deb import DEB
from careen.formats.versions.maven import MAVEN
from careen.formats.versions.pypi import PYPI
from careen.formats.versions.rpm import RPM
from careen.formats.versions.scheme import UnreadableVersionError, VersionScheme
from careen.formats.versions.semver import BITNAMI, CARGO, GO, NPM
from careen.model.packages.package import Ecosystem

__all__ = ["UnreadableVersionError", "VersionScheme", "scheme_of", "scheme_of_packages"]

_SCHEMES = {
    "PyPI": PYPI,
    "npm": NPM,
    "Go": GO,
    "Maven": MAVEN,
    "crates.io": CARGO,
    "Bitnami": BITNAMI,
    "Debian": DEB,
    "Ubuntu": DEB,
    "Alpine": APK,
    "Wolfi": APK,
    "Chainguard": APK,
    "AlmaLinux": RPM,
    "Rocky Linux": RPM,
    "Red Hat": RPM,
    "Fedora": RPM,
    "Amazon Linux": RPM,
    "SUSE": RPM,
    "openSUSE": RPM,
    "Photon OS": RPM,
    "Azure Linux": RPM,
    "openEuler": RPM,
    "Mageia": RPM,
}


def scheme_of(ecosystem: str) -> VersionScheme:
    """Return the scheme of an OSV ecosystem (release optional); raise InputError if unknown."""
    scheme = _SCHEMES.get(ecosystem.partition(":")[0])
    if scheme is None:
        msg = (
            f"no version scheme is known for the ecosystem {ecosystem[:80]!r}; known are"
            f" {', '.join(_SCHEMES)}"
        )
        raise InputError(msg)
    return scheme


_OF_PACKAGES = {
    Ecosystem.DEB: DEB,
    Ecosystem.APK: APK,
    Ecosystem.RPM: RPM,
    Ecosystem.PYPI: PYPI,
    Ecosystem.CONDA: PYPI,
    Ecosystem.NPM: NPM,
    Ecosystem.MAVEN: MAVEN,
    Ecosystem.GOLANG: GO,
    Ecosystem.CARGO: CARGO,
}


def scheme_of_packages(ecosystem: Ecosystem) -> VersionScheme | None:
    """Return the scheme of a package type, or None if its versions have no defined order."""
    # Native libraries without a package manager have none.
    return _OF_PACKAGES.get(ecosystem)
