"""Versions of Debian and Ubuntu packages in dpkg's order (deb-version(7)), by python-debian."""

from typing import Any

from careen.formats.versions.scheme import VersionScheme

_HIGHEST_EPOCH = 2**31 - 1


def parse(version: str) -> Any:
    """Return the version as python-debian parses it.

    Raises ValueError for two forms that dpkg rejects: an epoch above 2^31 - 1, a colon in the
    revision.
    """
    from debian.debian_support import NativeVersion

    read = NativeVersion(version)
    if int(read.epoch or 0) > _HIGHEST_EPOCH or ":" in version.partition(":")[2].rpartition("-")[2]:
        message = f"not a version to dpkg: {version!r}"
        raise ValueError(message)
    return read


DEB = VersionScheme("dpkg", parse)
