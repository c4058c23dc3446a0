"""Which packages `runtime` keeps: what an entry names, and what those depend on."""

from collections.abc import Iterable, Mapping, Sequence

from careen.errors import InputError
from careen.model.catalog.entry import Left
from careen.model.packages.package import Ecosystem, Inventory, Package


def runtime_packages(
    inventory: Inventory, wanted: Iterable[str], omitted: Sequence[Left], ecosystem: Ecosystem
) -> frozenset[str]:
    """Return the purls of the packages to keep, of the distribution's `ecosystem`.

    An omitted package stays out with what only it depends on, unless it is wanted itself. Raises
    InputError for a wanted package that is not installed.
    """
    installed = _by_name(inventory, ecosystem)
    todo = list(wanted)
    left = {name for each in omitted for name in each.names} - set(todo)
    kept: set[str] = set()
    for name in todo:
        if name not in installed:
            msg = f"package {name!r} of the catalog is not installed in the root that was built"
            raise InputError(msg)
    while todo:
        package = installed[todo.pop()]
        if package.purl in kept or package.name in left:
            continue
        kept.add(package.purl)
        for group in package.depends:
            names = group.split("|")
            # of alternatives, the first one that is installed; a virtual one leads to its provider
            if not any(name in left for name in names):
                todo += [name for name in names if name in installed][:1]
    return frozenset(kept)


def _by_name(inventory: Inventory, ecosystem: Ecosystem) -> Mapping[str, Package]:
    """Return packages by name, by what they provide, and by path (rpm and apk depend on paths)."""
    out: dict[str, Package] = {}
    packages = [each for each in inventory.packages.values() if each.ecosystem is ecosystem]
    for package in packages:
        for name in package.provides:
            out.setdefault(name.partition(" ")[0].partition("=")[0], package)
        for path in package.files if ecosystem is not Ecosystem.DEB else ():
            out.setdefault(path, package)
    return out | {package.name: package for package in packages}
