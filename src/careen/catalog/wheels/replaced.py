"""What of a root goes because a wheel brings another version of the same package."""

import posixpath
from collections import Counter
from collections.abc import Collection, Iterator

from packaging.utils import canonicalize_name

from careen.catalog.wheels.target import Target
from careen.model.catalog.lock import LockedWheel
from careen.model.packages.package import Ecosystem, Inventory
from careen.model.paths import ImagePath, ancestors
from careen.oci.tree.rootfs import Rootfs

_PREFIX = "/usr/local/"
_CACHE = "__pycache__"


def replaced(
    rootfs: Rootfs,
    inventory: Inventory,
    wheels: Collection[LockedWheel],
    target: Target,
    brought: Collection[ImagePath],
) -> tuple[ImagePath, ...]:
    """Return the topmost paths to hide: files of packages that the wheels replace.

    As pip does it: the old version's files, their byte code, and directories that are empty then.
    Packages elsewhere than where wheels go are left. `brought` are the paths of the wheels, which
    stay.
    """
    names = {canonicalize_name(each.name) for each in wheels}
    old = {
        path
        for package in inventory.packages.values()
        if package.ecosystem is Ecosystem.PYPI and canonicalize_name(package.name) in names
        if any(path.startswith(f"{target.site}/") for path in package.files)
        for path in package.files
        if path in rootfs and path.startswith(_PREFIX)
    }
    gone = (old | set(_byte_code(rootfs, old))) - set(brought)
    below = [path for path in gone if path.startswith(f"{target.site}/")]
    gone |= {x for x in _emptied(rootfs, below, brought) if x.startswith(f"{target.site}/")}
    return tuple(sorted(path for path in gone if posixpath.dirname(path) not in gone))


def _byte_code(rootfs: Rootfs, old: Collection[ImagePath]) -> Iterator[ImagePath]:
    sources = {path.removesuffix(".py") for path in old if path.endswith(".py")}
    for entry in rootfs:
        folder, _, name = entry.path.rpartition("/")
        above, _, cache = folder.rpartition("/")
        if cache == _CACHE and f"{above}/{name.partition('.')[0]}" in sources:
            yield entry.path


def _emptied(
    rootfs: Rootfs, gone: Collection[ImagePath], brought: Collection[ImagePath]
) -> Iterator[ImagePath]:
    """Yield directories of which nothing is left, and into which nothing comes."""
    left = {above for path in brought for above in ancestors(path)}
    count = Counter(above for path in gone for above in ancestors(path))
    for path, number in count.items():
        entry = rootfs.get(path)
        if entry is None or not entry.is_dir or path in left:
            continue
        if sum(not each.is_dir for each in rootfs.below(path)) == number:
            yield path
