"""Which paths `runtime` keeps: files of kept packages, declared ones, and links to them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from careen.catalog.globs import matches
from careen.model.catalog.entry import Left
from careen.model.packages.package import Inventory, Package
from careen.model.paths import ROOT, ImagePath
from careen.oci.tree.rootfs import Rootfs

_COPYRIGHT = (
    "/usr/share/doc/*/copyright",
    "/usr/share/doc/*/NOTICE*",
    "/usr/share/common-licenses/**",
)
Records = Callable[[Rootfs, Package], Iterable[ImagePath]]


@dataclass(frozen=True, slots=True)
class Selection:
    """What is kept: purls of packages, globs of paths without a package, and what is left out.

    `records` gives what a kept package needs beside its files. `needed` are paths that stay,
    whatever is left out.
    """

    packages: frozenset[str]
    unowned: Sequence[str]
    dropped: Sequence[Left]
    records: Records
    needed: Sequence[str] = ()


def runtime_paths(rootfs: Rootfs, inventory: Inventory, chosen: Selection) -> frozenset[ImagePath]:
    """Return the paths that `runtime` keeps; directories above them stay in any case."""
    dropped = tuple(glob for left in chosen.dropped for glob in left.names)
    kept: set[ImagePath] = {ROOT}
    for path in _owned(rootfs, inventory, chosen):
        if not matches(dropped, path) or matches(chosen.needed, path) or stays(rootfs, path):
            kept.add(path)
    for entry in rootfs:
        if entry.path in inventory.owners or entry.path in kept or matches(dropped, entry.path):
            continue
        if matches(chosen.unowned, entry.path):
            kept.add(entry.path)
    return frozenset(kept | set(_links(rootfs, inventory, kept, dropped)))


def stays(rootfs: Rootfs, path: ImagePath) -> bool:
    """Return whether a path is a licence, or a link to the directory of documentation with it."""
    return matches(_COPYRIGHT, path) or _leads_to_licence(rootfs, path)


def _leads_to_licence(rootfs: Rootfs, path: ImagePath) -> bool:
    return path.count("/") == 4 and path.startswith("/usr/share/doc/") and rootfs[path].is_symlink  # noqa: PLR2004


def _owned(rootfs: Rootfs, inventory: Inventory, chosen: Selection) -> Iterator[ImagePath]:
    """Yield what the kept packages list, and their records."""
    for purl in chosen.packages:
        package = inventory.packages[purl]
        yield from package.files
        yield from chosen.records(rootfs, package)


def _links(
    rootfs: Rootfs, inventory: Inventory, kept: set[ImagePath], dropped: Sequence[str]
) -> Iterator[ImagePath]:
    """Yield links without a package that lead to something kept, with the links between."""
    for entry in rootfs:
        if not entry.is_symlink or entry.path in inventory.owners or matches(dropped, entry.path):
            continue
        walk = rootfs.walk(entry.path)
        if walk.final is not None and walk.final.path in kept and not walk.final.is_dir:
            yield from (link for link in walk.links if link not in inventory.owners)
            yield entry.path
