"""Findings of an aim that a version closes (`formats.versions.closing` decides)."""

from careen.formats.versions import VersionScheme
from careen.formats.versions.closing import is_fixed
from careen.model.patching import Aim


def compared_version(kind: str, version: str, source: str) -> str:
    """Return the version that advisories compare: of Debian and Alpine the source's.

    `kind` is the purl type. A binary's version can differ from its source's.
    """
    return (
        (source.rpartition("@")[2] if "@" in source else "") or version
        if kind in ("deb", "apk")
        else version
    )


def closed_by(aim: Aim, version: str, scheme: VersionScheme) -> frozenset[str]:
    """Return the ids of the aim's findings that `version` closes.

    For Debian and Alpine it is the source's version.
    """
    return frozenset(
        finding
        for finding, fixes in aim.fixes.items()
        if is_fixed(aim.ecosystem, version, fixes, scheme)
    )
