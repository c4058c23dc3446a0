"""Python distributions that were installed from a directory: the application itself.

An image built with `pip install .` or `uv sync --no-editable` has them.
"""

from collections.abc import Iterable

from careen.errors import ImageError
from careen.formats.json_document import parse_object
from careen.model.packages.package import Package
from careen.model.paths import name
from careen.oci.tree.rootfs import Rootfs

MAX_DIRECT_URL = 1 << 16


def from_directories(rootfs: Rootfs, packages: Iterable[Package]) -> tuple[Package, ...]:
    """Return the packages whose direct_url.json names a directory as their source (PEP 610)."""
    return tuple(package for package in packages if _from_directory(rootfs, package))


def _from_directory(rootfs: Rootfs, package: Package) -> bool:
    record = next((path for path in package.metadata if name(path) == "direct_url.json"), None)
    entry = rootfs.get(record) if record is not None else None
    return (
        entry is not None
        and entry.is_file
        and names_directory(rootfs.read(entry.path, MAX_DIRECT_URL), entry.path)
    )


def names_directory(data: bytes, where: str) -> bool:
    """Return whether a direct_url.json states a directory; False for a broken one."""
    # An index, an archive or a repository also serves libraries of others.
    try:
        return "dir_info" in parse_object(data, where, ImageError)
    except ImageError:
        return False
