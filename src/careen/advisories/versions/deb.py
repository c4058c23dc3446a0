"""Versions of Debian and Ubuntu packages: `[epoch:]upstream[-revision]`, in dpkg's order (deb-version(7))."""

from typing import Any

from careen.advisories.versions.scheme import VersionScheme

_LOWEST_EPOCH = 0
_HIGHEST_EPOCH = 2**31 - 1


def parse(version: str) -> Any:
    """Return python-debian's reading of a version, where dpkg reads it, too: it wants a digit first and an epoch that fits an int."""
    from debian.debian_support import NativeVersion

    read = NativeVersion(version)
    if not (read.upstream_version or "")[:1].isdigit() and read.epoch is not None:
        message = f"no digit after the epoch of {version!r}"
        raise ValueError(message)
    if not _LOWEST_EPOCH <= int(read.epoch or 0) <= _HIGHEST_EPOCH:
        message = f"epoch of {version!r} is out of range"
        raise ValueError(message)
    return read


DEB = VersionScheme("dpkg", parse)
