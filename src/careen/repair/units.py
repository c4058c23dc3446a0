"""What delta debugging takes away and gives back at once: first packages and directories, then the files of the guilty ones."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from careen.model.package import Inventory
from careen.model.paths import ImagePath, parent
from careen.repair.ddmin import Found, Trials, isolate
from careen.repair.removed import Removed


@dataclass(frozen=True, slots=True)
class Unit:
    """A package's removed paths, or those of a directory that no package owns. `touched` says that something of it is kept: then it is asked first."""

    name: str
    paths: tuple[ImagePath, ...]
    touched: bool


def units(removed: Removed, inventory: Inventory, kept: Callable[[ImagePath], bool]) -> tuple[Unit, ...]:
    """Return the removed paths in units, each path in exactly one; units of which something is kept come first, then by name. A path of several packages
    is of the first by purl. Deterministic.
    """
    groups: dict[str, list[ImagePath]] = {}
    for path in sorted(removed.paths):
        owners = sorted(inventory.owners.get(path, ()))
        groups.setdefault(owners[0] if owners else parent(path), []).append(path)
    made = (Unit(name, tuple(paths), _touched(name, inventory, kept)) for name, paths in groups.items())
    return tuple(sorted(made, key=lambda unit: (not unit.touched, unit.name)))


def _touched(name: str, inventory: Inventory, kept: Callable[[ImagePath], bool]) -> bool:
    package = inventory.packages.get(name)
    return any(kept(path) for path in package.files) if package is not None else kept(ImagePath(name))


def search(groups: Iterable[Unit], enough: Callable[[frozenset[ImagePath]], bool], limit: int) -> tuple[Found[ImagePath], int]:
    """Return the smallest set of paths that is enough, and how many trials it took. Raises NotEnoughError when all paths of all units are not enough.

    Packages and directories are sifted first, then the files of those that are left. At most `limit` trials; when they run out, what was known to be
    enough by then comes back.
    """
    whole = tuple(groups)
    coarse: Trials[Unit] = Trials(lambda chosen: enough(frozenset(path for unit in chosen for path in unit.paths)), limit)
    guilty = isolate(whole, coarse)
    paths = tuple(path for unit in guilty.items for path in unit.paths)
    fine: Trials[ImagePath] = Trials(enough, limit - coarse.used)
    found = isolate(paths, fine)
    return Found(found.items, guilty.minimal and found.minimal), coarse.used + fine.used
