"""Package managers of an image that could upgrade something."""

from careen.patch.apk import find as apk
from careen.patch.deb.apt import patcher as apt
from careen.patch.deb.dpkg import patcher as dpkg_direct
from careen.patch.jars import patcher as jars
from careen.patch.npm import patcher as npm
from careen.patch.port import Ground, Patcher
from careen.patch.python import patcher as python
from careen.patch.rpm import find as rpm

_FINDERS = (apt.find, dpkg_direct.find, apk.find, rpm.find, python.find, npm.find, jars.find)
"""In the order of work: distributions first, since the others build on what they bring."""


def patchers(ground: Ground) -> tuple[Patcher, ...]:
    """Return the patchers that the image's files call for, in the order of work; run nothing."""
    return tuple(patcher for find in _FINDERS for patcher in find(ground))
