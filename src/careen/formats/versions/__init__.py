"""Version schemes: which order an ecosystem's versions have. One file per scheme; each is held
against the ecosystem's own tool in `tests/tool`.
"""

from careen.errors import InputError
from careen.formats.versions.apk import APK
from careen.formats.versions.deb import DEB
from careen.formats.versions.maven import MAVEN
from careen.formats.versions.pypi import PYPI
from careen.formats.versions.rpm import RPM
from careen.formats.versions.scheme import UnreadableVersionError, VersionScheme
from careen.formats.versions.semver import BITNAMI, CARGO, GO, NPM
from careen.model.package import Ecosystem

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
    """Return the scheme of an OSV ecosystem, with or without its release; raise InputError for one
    that careen matches nothing against.
    """
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
    """Return the scheme of a kind of packages; None where versions have no order that anybody
    defines (native libraries that no package manager knows).
    """
    return _OF_PACKAGES.get(ecosystem)
