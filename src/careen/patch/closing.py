"""Which findings of an aim a version closes (`formats.versions.closing` decides)."""

from careen.formats.versions import VersionScheme
from careen.formats.versions.closing import is_fixed
from careen.model.patching import Aim


def compared_version(kind: str, version: str, source: str) -> str:
    """Return what advisories compare of a package of the purl type `kind`: of Debian and Alpine the
    source's version, which the binary's can differ from.
    """
    return (
        (source.rpartition("@")[2] if "@" in source else "") or version
        if kind in ("deb", "apk")
        else version
    )


def closed_by(aim: Aim, version: str, scheme: VersionScheme) -> frozenset[str]:
    """Return the ids of the aim's findings that `version` closes (for Debian and Alpine: the
    source's version).
    """
    return frozenset(
        finding
        for finding, fixes in aim.fixes.items()
        if is_fixed(aim.ecosystem, version, fixes, scheme)
    )
