"""Groups of paths that become layers, such that a change of one unit changes few of them."""

import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from careen.model.paths import ImagePath, ancestors
from careen.oci.changes.cut import LayerGroup
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.cut.units import DATABASES, Kind, Unit, Units

FORMAT = "1"
"""Version of everything here that decides about a layer: two formats share no layers."""
MAX_LAYERS = 64
"""Engines on overlayfs stack 127; layers that users add on top need the rest."""
_ALONE = 4 << 20  # bytes of kept files from which a unit has a layer of its own
_LARGE = 8 << 20  # bytes from which a file does not share a layer with its unit's small files
_OWN_ALONE = 1 << 20  # the same for a directory of the application
_HUGE = 64 << 20  # bytes from which a file of no package has a layer of its own
_BINS = 8
_LONGEST = 200  # characters of a name in the history


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """Place of a layer: layers are stacked in the order of their places."""

    rank: int
    name: str


# Large and rarely changed layers lie below: a store that knows layers by their whole chain pulls
# everything above the first difference again.
(
    _RANK_LARGE_PYTHON,
    _RANK_PYTHON,
    _RANK_LARGE,
    _RANK_ALONE,
    _RANK_DATA,
    _RANK_BINS,
    _RANK_STATE,
    _RANK_APPLICATION,
) = range(8)


def layer_groups(
    rootfs: Rootfs, keep: Collection[ImagePath], units: Units
) -> tuple[LayerGroup, ...]:
    """Return the layers of the kept paths, lowest first, at most MAX_LAYERS.

    Directories that hold kept paths are left to the layers that need them.
    """
    items = tuple(_items(rootfs, keep, units))
    factor = 1
    while True:
        groups: dict[_Place, list[ImagePath]] = {}
        sizes = _unit_sizes(items, factor)
        for item in items:
            groups.setdefault(_place(item, sizes, factor), []).extend(item.paths)
        if len(groups) <= MAX_LAYERS:
            break
        factor *= 2
    return tuple(
        LayerGroup(f"careen layer: {_shown(place.name)}", tuple(sorted(groups[place])))
        for place in sorted(groups)
    )


def _shown(name: str) -> str:
    """Return a name for the history, which is JSON and shown by many tools."""
    return "".join(each if each.isprintable() else "?" for each in name)[:_LONGEST]


@dataclass(frozen=True, slots=True)
class _Item:
    """A file with all its names, or another leaf of the tree, with its unit and size in bytes."""

    paths: tuple[ImagePath, ...]
    unit: Unit
    size: int


def is_data(size: int, unit: Unit) -> bool:
    """Return whether a file of no package is data: a model, an index, an archive."""
    return unit.kind >= Kind.STATE and unit != DATABASES and size >= _LARGE


def _items(rootfs: Rootfs, keep: Collection[ImagePath], units: Units) -> Iterator[_Item]:
    inhabited = {above for path in keep for above in ancestors(path)}
    names: dict[int, list[ImagePath]] = {}
    for path in sorted(keep):
        entry = rootfs[path]
        if entry.is_file:
            # Hard links go with the first name: a link cannot lead into another layer.
            names.setdefault(entry.inode, []).append(path)
        elif path not in inhabited:
            yield _Item((path,), units.of(path), 0)
    for paths in names.values():
        first = paths[0]
        yield _Item(tuple(paths), units.of(first), rootfs[first].size)


def _unit_sizes(items: Iterable[_Item], factor: int) -> Mapping[Unit, int]:
    """Return the bytes of each unit's files that are not large."""
    sizes: Counter[Unit] = Counter()
    for item in items:
        if item.size < _LARGE * factor:
            sizes[item.unit] += item.size
    return sizes


def _place(item: _Item, sizes: Mapping[Unit, int], factor: int) -> _Place:
    unit = item.unit
    if unit.kind >= Kind.STATE:
        return _place_of_own(item, sizes, factor)
    is_python = unit.kind is Kind.PYTHON
    if item.size >= _LARGE * factor:
        rank = _RANK_LARGE_PYTHON if is_python else _RANK_LARGE
        return _Place(rank, f"{unit.name}, large files")
    if sizes[unit] >= _ALONE * factor:
        return _Place(_RANK_PYTHON if is_python else _RANK_ALONE, unit.name)
    if unit.kind is Kind.BASE:
        return _Place(_RANK_BINS, "base")
    # The bin of a unit does not depend on which others there are.
    number = zlib.crc32(unit.name.encode("utf-8", "surrogateescape")) % _BINS
    family = "python" if is_python else "system"
    return _Place(_RANK_BINS, f"{family} packages {number}")


def _place_of_own(item: _Item, sizes: Mapping[Unit, int], factor: int) -> _Place:
    """Return the place of what the image's author added, or what belongs to no package."""
    unit = item.unit
    if is_data(item.size, unit) and item.size >= _HUGE * factor:
        return _Place(_RANK_DATA, f"data {item.paths[0]}")
    if is_data(item.size, unit) and item.size >= _LARGE * factor:
        return _Place(_RANK_DATA, f"data {unit.name}")
    if unit.kind is Kind.STATE:
        return _Place(_RANK_STATE, "databases and configuration")
    if sizes[unit] >= _OWN_ALONE * factor:
        return _Place(_RANK_APPLICATION, f"application {unit.name}")
    return _Place(_RANK_APPLICATION, "application")
