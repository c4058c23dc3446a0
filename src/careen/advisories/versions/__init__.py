"""Version schemes: which order an ecosystem's versions have. One file per scheme; each is held against the ecosystem's own tool in `tests/tool`."""

from careen.advisories.names import family_of
from careen.advisories.versions.apk import APK
from careen.advisories.versions.deb import DEB
from careen.advisories.versions.maven import MAVEN
from careen.advisories.versions.pypi import PYPI
from careen.advisories.versions.rpm import RPM
from careen.advisories.versions.scheme import UnreadableVersionError, VersionScheme
from careen.advisories.versions.semver import BITNAMI, CARGO, GO, NPM
from careen.errors import InputError

__all__ = ["UnreadableVersionError", "VersionScheme", "scheme_of"]

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
    """Return the scheme of an OSV ecosystem, with or without its release; raise InputError for one that careen matches nothing against."""
    scheme = _SCHEMES.get(family_of(ecosystem))
    if scheme is None:
        msg = f"no version scheme is known for the ecosystem {ecosystem[:80]!r}; known are {', '.join(_SCHEMES)}"
        raise InputError(msg)
    return scheme
