"""What a line of the world file allows (apk-world(5)): `foo=1.2`, `foo<2`, `foo~1.1`,
`foo@edge`.
"""

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
    """Say whether a line allows a version. A tagged repository allows none of the others'; what
    cannot be read allows nothing.
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
