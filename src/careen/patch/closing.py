"""Which findings a version closes, told by the versions that are known to fix them.

A record names the first fixed version of each line that it was fixed in: 1.26.17 and 2.0.6 leave 2.0.3 open. Between two of them a version counts as fixed
only if it is nearer of kin to the lower one; what really is fixed is said by reading the versions back and matching again.
"""

from collections.abc import Sequence

from careen.formats.versions import UnreadableVersionError, VersionScheme
from careen.model.patching import Aim
from careen.patch.version_lines import DISTRIBUTIONS, in_common, numbers


def compared_version(kind: str, version: str, source: str) -> str:
    """Return what advisories compare of a package of the purl type `kind`: of Debian and Alpine the source's version, which the binary's can differ from."""
    return (source.rpartition("@")[2] if "@" in source else "") or version if kind in ("deb", "apk") else version


def closed_by(aim: Aim, version: str, scheme: VersionScheme) -> frozenset[str]:
    """Return the ids of the aim's findings that `version` closes (for Debian and Alpine: the source's version)."""
    return frozenset(finding for finding, fixes in aim.fixes.items() if is_fixed(aim, version, fixes, scheme))


def is_fixed(aim: Aim, version: str, fixes: Sequence[str], scheme: VersionScheme) -> bool:
    """Say whether `version` holds one of the fixes (lowest first)."""
    lower, upper = None, None
    for fix in fixes:
        try:
            place = scheme.place(version, fix)
        except UnreadableVersionError:
            continue
        if place == 0:
            return True
        if place < 0:
            upper = fix
            break
        lower = fix
    if lower is None:
        return False
    return upper is None or aim.ecosystem in DISTRIBUTIONS or _nearer(version, lower, upper)


def _nearer(version: str, lower: str, upper: str) -> bool:
    here, below, above = numbers(version), numbers(lower), numbers(upper)
    return here is not None and below is not None and above is not None and in_common(here, below) > in_common(here, above)
