"""Constraints of the world file (apk-world(5)): `foo=1.2`, `foo<2`, `foo~1.1`, `foo@edge`."""

import re

from careen.formats.versions import UnreadableVersionError
from careen.formats.versions.apk import APK

_PIN = re.compile(r"[^<>=~@]+(@[^<>=~]+)?(?:([<>=~]{1,2})([^<>=~@]+))?(@.+)?")
_ORDERED = {
    "<": (-1,),
    "<=": (-1, 0),
    "=<": (-1, 0),
    ">": (1,),
    ">=": (0, 1),
    "=>": (0, 1),
    "=": (0,),
}


def admits(pin: str, version: str) -> bool:
    """Return whether a constraint allows a version from an untagged repository.

    A constraint with a tag, or one that cannot be read, allows none.
    """
    read = _PIN.fullmatch(pin)
    if read is None or read[1] or read[4] or not read[2]:
        return False
    operator, bound = read[2], read[3]
    if "~" in operator:
        return version == bound or version.startswith((f"{bound}.", f"{bound}-", f"{bound}_"))
    try:
        return operator in _ORDERED and APK.compare(version, bound) in _ORDERED[operator]
    except UnreadableVersionError:
        return False
