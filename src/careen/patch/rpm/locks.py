"""Excludes and versionlock entries that keep dnf from upgrading a package."""

import re
from fnmatch import fnmatchcase

from careen.errors import ImageError
from careen.oci.tree.rootfs import Rootfs

LOCKS = (
    "/etc/dnf/plugins/versionlock.list",
    "/etc/dnf/versionlock.toml",
    "/etc/yum/pluginconf.d/versionlock.list",
)
CONFIGURATIONS = ("/etc/dnf/dnf.conf", "/etc/yum.conf")
REPOSITORIES = "/etc/yum.repos.d"
_MAX_FILE = 1 << 20
_MAX_FILES = 200
_MAX_GLOB = 256
_MAX_STARS = 8
_EXCLUDE = re.compile(r"\s*(?:exclude|excludepkgs)\s*=\s*(.*)")
_TOML_NAME = re.compile(r"\s*name\s*=\s*[\"']([^\"']+)[\"']")
_VERSION = re.compile(r"-(?:[0-9*]+:)?[^-]+-[^-]+\Z")


def locked_by(rootfs: Rootfs, name: str) -> str:
    """Return the file and line that hold the package, or a general phrase if none is found."""
    for path in LOCKS:
        for line in _lines(rootfs, path):
            read = _TOML_NAME.match(line)
            text = read[1] if read else _VERSION.sub("", line.strip().removeprefix("!"))
            if text == name:
                return f"{path}: {line.strip()[:80]}"
    entry = rootfs.find(REPOSITORIES)
    for path in (
        *CONFIGURATIONS,
        *((rootfs.children(entry.path)[:_MAX_FILES]) if entry is not None else ()),
    ):
        for line in _lines(rootfs, path):
            read = _EXCLUDE.match(line)
            if read is not None and any(
                _names(glob, name) for glob in re.split(r"[\s,]+", read[1])
            ):
                return f"{path}: {line.strip()[:80]}"
    return "an exclude or lock of the image"


def _names(glob: str, name: str) -> bool:
    return (
        bool(glob)
        and len(glob) <= _MAX_GLOB
        and glob.count("*") <= _MAX_STARS
        and fnmatchcase(name, glob)
    )


def _lines(rootfs: Rootfs, path: str) -> list[str]:
    entry = rootfs.find(path)
    if entry is None or not entry.is_file:
        return []
    try:
        return rootfs.read(entry.path, _MAX_FILE).decode("utf-8", "replace").splitlines()
    except ImageError:
        return []
