"""Units of removed paths for delta debugging: packages and directories."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath, parent


@dataclass(frozen=True, slots=True)
class Unit:
    """A package's removed paths, or a directory's without an owner.

    `touched` means that something of it is kept; such units are tried first.
    """

    name: str
    paths: tuple[ImagePath, ...]
    touched: bool


def units(
    removed: Collection[ImagePath], inventory: Inventory, kept: Callable[[ImagePath], bool]
) -> tuple[Unit, ...]:
    """Return the removed paths in units, touched ones first, then by name.

    Each path is in exactly one unit; with several packages, in the first by purl. Deterministic.
    """
    groups: dict[str, list[ImagePath]] = {}
    for path in sorted(removed):
        owners = sorted(inventory.owners.get(path, ()))
        groups.setdefault(owners[0] if owners else parent(path), []).append(path)
    made = (
        Unit(name, tuple(paths), _touched(name, inventory, kept)) for name, paths in groups.items()
    )
    return tuple(sorted(made, key=lambda unit: (not unit.touched, unit.name)))


def _touched(name: str, inventory: Inventory, kept: Callable[[ImagePath], bool]) -> bool:
    package = inventory.packages.get(name)
    return (
        any(kept(path) for path in package.files) if package is not None else kept(ImagePath(name))
    )


def paths_of(groups: Iterable[Unit]) -> tuple[ImagePath, ...]:
    """Return the paths of all units, in order."""
    return tuple(path for unit in groups for path in unit.paths)


def tiers(
    removed: Iterable[ImagePath],
    wider: Iterable[Collection[ImagePath]],
    inventory: Inventory,
    kept: Callable[[ImagePath], bool],
) -> tuple[tuple[Unit, ...], ...]:
    """Return the removed paths in units, first those that a wider plan keeps, then the others.

    `wider` are the kept paths of such plans, narrowest first.
    """
    left = frozenset(removed)
    out = []
    for keep in wider:
        part = frozenset(path for path in left if path in keep)
        out.append(units(part, inventory, kept))
        left -= part
    return (*out, units(left, inventory, kept))
