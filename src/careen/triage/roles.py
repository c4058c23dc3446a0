"""Distinction of a package's code and data from its record, licences and documentation.

Tools that list packages or licences read the latter, which is no use of the code.
"""

import re

from careen.model.packages.package import Ecosystem, Package, Presence
from careen.model.paths import ImagePath

_TELLING = re.compile(
    r"/usr/(?:local/)?share/(?:doc|doc-base|man|info|licenses|lintian|bug|metainfo|appdata)/"
    r"|/var/lib/(?:dpkg|rpm|pacman)/|/(?:usr/)?lib/(?:apk/db|sysimage/rpm)/"
    r"|\.(?:dist|egg)-info/|\.egg-info\Z"
    r"|/META-INF/maven/|/conda-meta/"
)
_LICENCE = re.compile(
    r"/(?:licen[cs]es?|copying|copyright|notice|authors|readme|change(?:s|log))(?:[.-][a-z0-9.-]*)?\Z",
    re.IGNORECASE,
)
_RUNS = (".py", ".pyc", ".js", ".cjs", ".mjs", ".so", ".node", ".jar", ".pm", ".sh")
_NODE_RECORDS = (
    "/package.json",
    "/package-lock.json",
    "/.package-lock.json",
    "/npm-shrinkwrap.json",
    "/yarn.lock",
    "/pnpm-lock.yaml",
)


def tells(path: ImagePath, package: Package) -> bool:
    """Return whether a file only describes its package, by path and name."""
    if _TELLING.search(path):
        return True
    if package.ecosystem is Ecosystem.NPM and path.endswith(_NODE_RECORDS):
        return True
    return bool(_LICENCE.search(path)) and not path.endswith(_RUNS)


def code_of(package: Package) -> tuple[ImagePath, ...]:
    """Return a package's files without metadata, licences and documentation, in order."""
    # An embedded package's metadata is often the file that holds it: a wheel, a binary, a module
    # with a version constant.
    telling = (
        {*package.licences}
        if package.presence is Presence.EMBEDDED
        else {*package.metadata, *package.licences}
    )
    return tuple(path for path in package.files if path not in telling and not tells(path, package))
